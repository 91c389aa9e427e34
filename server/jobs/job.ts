/** What features say of their background work: kinds of jobs that are sent, and jobs that come round by the clock. */
import type { Connection } from '../ports/database.ts';

/** Jobs of one name. Those with the same key never run at the same time, except after their worker was given up. */
export interface JobKind<Data extends object = object> {
  readonly name: string;
  /** What the job is about, in a word that holds nothing personal. */
  key(data: Data): string;
  /**
   * What becomes of a job that is sent while one with its key waits or runs. `drop`: one is enough. `follow`: one more
   * runs after the running one, since that may have read what has changed since.
   */
  readonly duplicates: 'drop' | 'follow';
  /** How many jobs of this kind one process runs at once. */
  readonly concurrency: number;
}

/** Enqueues a job with the transaction that it is part of. */
export type Send = <Data extends object>(kind: JobKind<Data>, data: Data) => Promise<void>;

export interface Jobs {
  /**
   * Runs `work` in one transaction. The jobs it sends, of the kinds named here, are enqueued exactly when it commits;
   * then a worker is woken. A job runs at least once, and again after a failure until it succeeds.
   */
  transaction<T>(kinds: readonly JobKind[], work: (tx: Connection, send: Send) => Promise<T>): Promise<T>;
}

/** How a job of a kind is done. It may run twice, also beside itself when its worker was given up. */
export interface JobHandler {
  readonly kind: JobKind;
  /** Rejects when the job is to be tried again. `signal` aborts when the job was given to another worker. */
  readonly run: (data: object, signal: AbortSignal) => Promise<void>;
}

/** A job that comes round. Runs that fall into a time without workers are skipped, and two never overlap. */
export interface PeriodicJob {
  /** Letters, digits, `-` and `/`. */
  readonly name: string;
  /** Five fields, in UTC. */
  readonly cron: string;
  readonly run: (signal: AbortSignal) => Promise<void>;
}

export interface FeatureJobs {
  readonly handlers: readonly JobHandler[];
  readonly periodic: readonly PeriodicJob[];
}

/** Binds a kind to how it is done. */
export function handle<Data extends object>(
  kind: JobKind<Data>,
  run: (data: Data, signal: AbortSignal) => Promise<void>,
): JobHandler {
  return { kind, run: (data, signal) => run(data as Data, signal) };
}
