/** Whether this process can serve: looked at once a second at most, however many ask. */
import type { Logger } from 'pino';

/** A part the service stands on. */
export interface Check {
  readonly name: string;
  /** Without it nothing can be answered; without the others service goes on, degraded. */
  readonly vital: boolean;
  /** Rejects when the part does not do its work. */
  run(): Promise<void>;
}

export interface Outcome {
  readonly check: Check;
  readonly ok: boolean;
}

/** What the checks said, at most a second ago. */
export type ReadOutcomes = () => Promise<readonly Outcome[]>;

const timeoutMs = 2000;
const goodForMs = 1000;

/** All who ask while the checks run, and for a second after, get the outcome of that one run. */
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
