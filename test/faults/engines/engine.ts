/** The interface of an engine in the comparison. */
import type { Stage } from '../stage.ts';

/** A worker process that faults are injected into. */
export interface EngineWorker {
  kill(signal: NodeJS.Signals): Promise<unknown>;
  start(): Promise<void>;
}

export interface EngineFindings {
  /** Questions without an answer or with an incomplete one. */
  readonly lost: number;
  /** Questions whose answer was stored, and so billed, more than once. */
  readonly doubled: number;
  /** Writes by a worker after another had begun its question. */
  readonly stale: number;
  /** Questions whose watcher saw text that is not a prefix of the answer, or a finished answer restart. */
  readonly garbled: number;
  /** The longest time from asking to the stored answer. */
  readonly slowestSeconds: number;
}

export interface Engine extends AsyncDisposable {
  readonly workers: readonly EngineWorker[];
  /** Asks the n-th question, until it is accepted. */
  ask(index: number): Promise<void>;
  /** The number of questions queued, running or waiting for a retry. */
  pending(): Promise<number>;
  findings(): Promise<EngineFindings>;
}

export interface Variant {
  readonly name: string;
  /** Further arguments of redis-server. */
  readonly redis?: readonly string[];
  /** Number of questions; each has an index below it. */
  open(stage: Stage, questions: number): Promise<Engine>;
}

export const workerCount = 4;
/** Concurrent answers of a worker. */
export const concurrency = 4;
export const chunks = 25;
/** An answer takes 2.5 s. */
export const question = `Who answers this? [[chunks:${chunks}]][[delay:100]]`;
