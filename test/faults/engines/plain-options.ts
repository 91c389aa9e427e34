/** Options of the plain workers: those of the documentation, and a variant tuned for a fast takeover. */
import type { DefaultJobOptions, WorkerOptions } from 'bullmq';
import type { ConstructorOptions, QueueOptions } from 'pg-boss';

export type Library = 'bullmq' | 'pg-boss';

export const queueName = 'answers';
export const liveChannel = 'live';

export interface LiveEvent {
  readonly id: number;
  readonly type: 'started' | 'delta' | 'completed';
  /** Of `completed`: the whole answer. */
  readonly text: string;
}

/** Defaults: a lock of 30 s, a check for stalled jobs every 30 s, and a job that stalls a second time fails. */
export function bullWorker(tuned: boolean): Partial<WorkerOptions> {
  return tuned ? { lockDuration: 10_000, stalledInterval: 5000, maxStalledCount: 5 } : {};
}

/** Three attempts with a growing delay as docs.bullmq.io has them under "Retrying failing jobs"; the default is one. */
export function bullJob(tuned: boolean): DefaultJobOptions {
  return { attempts: tuned ? 8 : 3, backoff: { type: 'exponential', delay: 1000 } };
}

/** Defaults: supervised every 60 s. */
export function bossOptions(tuned: boolean): Partial<ConstructorOptions> {
  return tuned ? { superviseIntervalSeconds: 5, monitorIntervalSeconds: 5 } : {};
}

/** Defaults: expires after 15 minutes, two retries, no heartbeat. The shortest heartbeat allowed is 10 s. */
export function bossQueue(tuned: boolean): QueueOptions {
  return tuned ? { heartbeatSeconds: 10, retryLimit: 8, retryDelay: 1, retryBackoff: true } : {};
}
