/** What a scenario of the fault run is, and what it tells. */
import type { Stage } from './stage.ts';

/** Figures of one scenario: a row of the table. */
export interface Outcome {
  /** How many times something was broken on purpose. */
  readonly faults: number;
  readonly operations: number;
  readonly lost: number;
  readonly doubled: number;
  /** From the fault to the first work done again; null where nothing has to recover. */
  readonly worstRecoverySeconds: number | null;
  /** Whatever else the promise says and the run did not see. Empty when it was kept. */
  readonly broken: readonly string[];
  /** Figures of the scenario's own. */
  readonly note?: string;
  /** What the promise asks for and this run did less of. */
  readonly shorter?: string;
}

export interface Scenario {
  /** For the command line. */
  readonly name: string;
  readonly promise: string;
  /** Past this the promise is missed. */
  readonly recoveryLimitSeconds?: number;
  /** What this machine lacks to run it; it is skipped then. */
  readonly missing?: string | null;
  run(stage: Stage, counts: Counts): Promise<Outcome>;
}

/** How much is done: everything, a look in minutes, or a proof in seconds for `npm test`. */
export type Size = 'full' | 'quick' | 'tiny';

/** Chooses the count for the size of this run. */
export type Counts = (full: number, quick: number, tiny: number) => number;

/** `factor` multiplies every count. */
export function countsFor(size: Size, factor: number): Counts {
  const column = { full: 0, quick: 1, tiny: 2 }[size];
  return (...counts) => Math.max(1, Math.round(counts[column]! * factor));
}

/** For `Outcome.shorter`: says it when less was done than the promise asks for. */
export function lessThan(asked: number, done: number, what: string): string | undefined {
  return done < asked ? `${done} of ${asked} ${what}` : undefined;
}

/** Everything that makes a row miss its promise. */
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
