/** Readiness, checked at most once a second. */
import type { Logger } from 'pino';

/** A dependency of the service. */
export interface Check {
  readonly name: string;
  /** If true, the process is not ready without it; otherwise it is degraded. */
  readonly vital: boolean;
  /** Rejects when the dependency does not work. */
  run(): Promise<void>;
}

export interface Outcome {
  readonly check: Check;
  readonly ok: boolean;
}

/** Outcomes of the checks, at most a second old. */
export type ReadOutcomes = () => Promise<readonly Outcome[]>;

const timeoutMs = 2000;
const goodForMs = 1000;

/** Callers during a run of the checks, and for a second after it, share its outcome. */
export function readiness(checks: readonly Check[], log: Logger): ReadOutcomes {
  let latest: Promise<readonly Outcome[]> | null = null;
  let goodUntilMs = Number.POSITIVE_INFINITY;

  async function run(): Promise<readonly Outcome[]> {
    goodUntilMs = Number.POSITIVE_INFINITY;
    const outcomes = await Promise.all(checks.map(async (check) => ({ check, ok: await passes(check, log) })));
    goodUntilMs = performance.now() + goodForMs;
    return outcomes;
  }

  return () => {
    if (latest === null || performance.now() >= goodUntilMs) latest = run();
    return latest;
  };
}

async function passes(check: Check, log: Logger): Promise<boolean> {
  const timeout = Promise.withResolvers<never>();
  const timer = setTimeout(() => timeout.reject(new Error('no answer in time')), timeoutMs);
  try {
    await Promise.race([check.run(), timeout.promise]);
    return true;
  } catch (error) {
    log.warn({ check: check.name, err: error }, 'a health check failed');
    return false;
  } finally {
    clearTimeout(timer);
  }
}
