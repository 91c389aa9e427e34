/** How features define background work: kinds of jobs that are sent, and periodic jobs. */
import type { Connection } from '../ports/database.ts';

/** Jobs of one name. Those with the same key never run concurrently, except after their worker was presumed dead. */
export interface JobKind<Data extends object = object> {
  readonly name: string;
  /** Identifies the job's subject, without personal data. */
  key(data: Data): string;
  /**
   * For a job sent while one with its key waits or runs. `drop`: it is dropped. `follow`: one more runs after the running one,
   * which may have read data that changed since.
   */
  readonly duplicates: 'drop' | 'follow';
  /** How often a job that failed is retried, first after 15 s, then later and later; until it succeeds unless given. */
  readonly retries?: number;
  /** Jobs of this kind that one process runs concurrently. */
  readonly concurrency: number;
}

/** Enqueues a job in the caller's transaction. */
export type Send = <Data extends object>(kind: JobKind<Data>, data: Data) => Promise<void>;

export interface Jobs {
  /**
   * Runs `work` in one transaction. The jobs it sends, of the given kinds, are enqueued if and only if it commits; then a worker
   * is woken. A job runs at least once, and is retried until it succeeds.
   */
  transaction<T>(kinds: readonly JobKind[], work: (tx: Connection, send: Send) => Promise<T>): Promise<T>;
}

/** Runs jobs of a kind. A job may run twice, also concurrently if its worker was presumed dead. */
export interface JobHandler {
  readonly kind: JobKind;
  /** Rejects to have the job retried. `signal` aborts when the job is given to another worker. */
  readonly run: (data: object, signal: AbortSignal) => Promise<void>;
}

/** A job run by a schedule. Runs are skipped while there is no worker, and never overlap. */
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

/** Binds a kind to its function. */
export function handle<Data extends object>(
  kind: JobKind<Data>,
  run: (data: Data, signal: AbortSignal) => Promise<void>,
): JobHandler {
  return { kind, run: (data, signal) => run(data as Data, signal) };
}
