/** A scenario of the fault run, and its outcome. */
import type { Stage } from './stage.ts';

/** Figures of one scenario: a row of the table. */
export interface Outcome {
  /** Number of faults injected. */
  readonly faults: number;
  readonly operations: number;
  readonly lost: number;
  readonly doubled: number;
  /** From the fault to the first work completed; null where nothing has to recover. */
  readonly worstRecoverySeconds: number | null;
  /** Other violations of the promise. Empty when it was kept. */
  readonly broken: readonly string[];
  /** Further figures of the scenario. */
  readonly note?: string;
  /** Counts of the promise that this run reduced. */
  readonly shorter?: string;
}

export interface Scenario {
  /** Its name on the command line. */
  readonly name: string;
  readonly promise: string;
  /** Longest recovery that keeps the promise, in seconds. */
  readonly recoveryLimitSeconds?: number;
  /** What this machine lacks to run it; then it is skipped. */
  readonly missing?: string | null;
  run(stage: Stage, counts: Counts): Promise<Outcome>;
}

/** Size of a run: full, quick (minutes), or tiny (seconds, for `npm test`). */
export type Size = 'full' | 'quick' | 'tiny';

/** Chooses the count for the size of this run. */
export type Counts = (full: number, quick: number, tiny: number) => number;

/** `factor` multiplies every count. */
export function countsFor(size: Size, factor: number): Counts {
  const column = { full: 0, quick: 1, tiny: 2 }[size];
  return (...counts) => Math.max(1, Math.round(counts[column]! * factor));
}

/** For `Outcome.shorter`: a sentence when a count was reduced. */
export function lessThan(asked: number, done: number, what: string): string | undefined {
  return done < asked ? `${done} of ${asked} ${what}` : undefined;
}

/** Everything in the outcome that violates the promise. */
export function misses(scenario: Scenario, outcome: Outcome): string[] {
  const { recoveryLimitSeconds: limit } = scenario;
  const { lost, doubled, worstRecoverySeconds: worst, broken } = outcome;
  return [
    ...(lost > 0 ? [`${lost} lost`] : []),
    ...(doubled > 0 ? [`${doubled} doubled`] : []),
    ...(limit !== undefined && worst !== null && worst > limit ? [`recovery took more than ${limit} s`] : []),
    ...broken,
  ];
}
