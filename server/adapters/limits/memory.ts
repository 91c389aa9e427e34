/** Rate limits counted inside this process. */
import type { Limits, LimitRule } from '../../ports/limits.ts';

const purgeIntervalMs = 60_000;

interface Window {
  used: number;
  readonly endsAtMs: number;
}

/** Counts in memory. Expired windows are deleted periodically; live ones never are. */
export function memoryLimits(): Limits {
  const windows = new Map<string, Window>();
  let nextPurgeMs = 0;

  function purge(nowMs: number): void {
    if (nowMs < nextPurgeMs) return;
    nextPurgeMs = nowMs + purgeIntervalMs;
    for (const [key, window] of windows) if (window.endsAtMs <= nowMs) windows.delete(key);
  }

  function live(key: string, nowMs: number): Window | undefined {
    const window = windows.get(key);
    return window && window.endsAtMs > nowMs ? window : undefined;
  }

  function waitMs(rule: LimitRule, nowMs: number): number {
    const window = live(rule.key, nowMs);
    if ((window?.used ?? 0) < rule.limit) return 0;
    return window ? Math.ceil(window.endsAtMs - nowMs) : rule.windowMs;
  }

  function count(rule: LimitRule, nowMs: number): void {
    const window = live(rule.key, nowMs);
    if (window) window.used += 1;
    else windows.set(rule.key, { used: 1, endsAtMs: nowMs + rule.windowMs });
  }

  return {
    async take(rules) {
      const nowMs = performance.now();
      purge(nowMs);
      const retryAfterMs = Math.max(0, ...rules.map((rule) => waitMs(rule, nowMs)));
      if (retryAfterMs > 0) return { allowed: false, retryAfterMs };
      for (const rule of rules) if (!rule.peek) count(rule, nowMs);
      return { allowed: true };
    },
    async [Symbol.asyncDispose]() {
      windows.clear();
    },
  };
}
