/** Trouble on demand: slow answers, error statuses, cut connections, and gates that hold requests until released. */
import { setTimeout as delay } from 'node:timers/promises';

/** The requests it applies to; an absent member matches any. `path` is a prefix. */
interface Match {
  readonly method?: 'GET' | 'POST' | 'DELETE';
  readonly path?: string | RegExp;
}

export interface Fault extends Match {
  /** How many requests it meets; default 1. */
  readonly times?: number;
  readonly latencyMs?: number;
  /** Answers with this error instead. */
  readonly status?: 400 | 402 | 409 | 429 | 500 | 502 | 503;
  /** Cuts the connection without an answer. */
  readonly drop?: boolean;
  /** Does the work first, so that only the answer is lost. Default: the work is not done. */
  readonly afterWork?: boolean;
  /** The `Stripe-Should-Retry` header of an error answer. */
  readonly shouldRetry?: boolean;
}

/** Holds matching requests, before their work, until it is opened. */
interface Gate {
  /** Resolves once this many requests are held at the same time. */
  arrived(count: number): Promise<void>;
  /** Lets the held requests through and all later ones pass. */
  open(): void;
}

export interface Faults {
  /** Adds a fault; the returned function removes it. Faults that match the same request are combined. */
  inject(fault: Fault): () => void;
  hold(match: Match): Gate;
  clear(): void;
  /** Counts the request for every fault that matches it and returns those faults. */
  take(method: string, path: string): Fault[];
  /** Waits out the latency of the faults taken and any gate in the way. */
  pass(method: string, path: string, taken: readonly Fault[], signal: AbortSignal): Promise<void>;
}

interface HeldGate extends Gate {
  readonly match: Match;
  wait(): Promise<void>;
}

export function createFaults(): Faults {
  const faults: Array<{ fault: Fault; left: number }> = [];
  const gates: HeldGate[] = [];
  return {
    inject: (fault) => {
      const entry = { fault, left: fault.times ?? 1 };
      faults.push(entry);
      return () => {
        entry.left = 0;
      };
    },
    hold: (match) => {
      const gate = createGate(match);
      gates.push(gate);
      return gate;
    },
    clear: () => {
      faults.length = 0;
      for (const gate of gates.splice(0)) gate.open();
    },
    take: (method, path) => {
      const met = faults.filter((entry) => entry.left > 0 && meets(entry.fault, method, path));
      for (const entry of met) entry.left -= 1;
      return met.map((entry) => entry.fault);
    },
    pass: async (method, path, taken, signal) => {
      const latencyMs = taken.reduce((sum, fault) => sum + (fault.latencyMs ?? 0), 0);
      if (latencyMs > 0) await delay(latencyMs, undefined, { signal });
      await Promise.all(gates.filter((gate) => meets(gate.match, method, path)).map((gate) => gate.wait()));
    },
  };
}

function meets(match: Match, method: string, path: string): boolean {
  if (match.method !== undefined && match.method !== method) return false;
  if (match.path === undefined) return true;
  return typeof match.path === 'string' ? path.startsWith(match.path) : match.path.test(path);
}

function createGate(match: Match): HeldGate {
  const opened = Promise.withResolvers<void>();
  const watchers: Array<{ count: number; notify: () => void }> = [];
  let held = 0;
  return {
    match,
    open: () => opened.resolve(),
    arrived: (count) =>
      new Promise((resolve) => {
        if (held >= count) resolve();
        else watchers.push({ count, notify: resolve });
      }),
    wait: async () => {
      held += 1;
      for (const watcher of watchers) if (held >= watcher.count) watcher.notify();
      await opened.promise;
      held -= 1;
    },
  };
}
