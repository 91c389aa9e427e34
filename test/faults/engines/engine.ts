/** What the comparison asks of an engine. */
import type { Stage } from '../stage.ts';

/** A worker process that faults are done to. */
export interface EngineWorker {
  kill(signal: NodeJS.Signals): Promise<unknown>;
  start(): Promise<void>;
}

export interface EngineFindings {
  /** Without an answer, or with half of one. */
  readonly lost: number;
  /** Questions whose answer was written, and so billed, more than once. */
  readonly doubled: number;
  /** Writes by a worker whose question another had begun already. */
  readonly stale: number;
  /** Questions whose watcher saw a text that is not the beginning of the answer, or a finished answer begin anew. */
  readonly garbled: number;
  /** The longest from asking to the stored answer. */
  readonly slowestSeconds: number;
}

export interface Engine extends AsyncDisposable {
  readonly workers: readonly EngineWorker[];
  /** Asks the n-th question, until it is accepted. */
  ask(index: number): Promise<void>;
  /** How much work is queued, runs or waits for a retry. */
  pending(): Promise<number>;
  findings(): Promise<EngineFindings>;
}

export interface Variant {
  readonly name: string;
  /** Further arguments of redis-server. */
  readonly redis?: readonly string[];
  /** Every question has its place in a list of `questions`. */
  open(stage: Stage, questions: number): Promise<Engine>;
}

export const workerCount = 4;
/** Answers at a time in a worker. */
export const concurrency = 4;
export const chunks = 25;
/** An answer takes 2.5 s. */
export const question = `Who answers this? [[chunks:${chunks}]][[delay:100]]`;
