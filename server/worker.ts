/** The worker: takes queued replies, and the explicit list of features with background jobs. */
import type { Logger } from 'pino';
import { accountJobs } from './accounts/jobs.ts';
import { eventJobs } from './events/jobs.ts';
import type { FeatureJobs } from './jobs/job.ts';
import type { OpenJobs } from './jobs/open.ts';
import { messageJobs } from './messages/jobs.ts';
import type { WakeUps } from './ports/wake-ups.ts';
import { dispatchReplies, type DispatchOptions } from './replies/dispatch.ts';
import type { GenerateDeps } from './replies/generate.ts';
import { every } from './replies/every.ts';
import { heartbeat } from './replies/heartbeat.ts';
import { replyJobs } from './replies/jobs.ts';
import { watchMissingModel } from './replies/missing-model.ts';
import { rescueReplies, type RescueDeps } from './replies/rescue.ts';
import { billingJobs, type BillingDeps } from './subscriptions/jobs.ts';

export interface WorkerDeps extends Omit<GenerateDeps, 'workerId' | 'writeWindowMs'>, RescueDeps, BillingDeps {
  readonly jobs: OpenJobs;
  readonly wakeUps: WakeUps;
  readonly log: Logger;
  /** No other process can be at work: whatever is marked as running was left by a dead one. */
  readonly alone: boolean;
}

export interface Worker {
  readonly workerId: string;
  readonly activeReplies: () => number;
  /** Takes nothing more, lets replies and jobs finish for `graceMs`, hands the rest back, and leaves. */
  stop(graceMs: number): Promise<void>;
}

const lookAfterEveryMs = 500;
const sweepEveryMs = 1000;
const beatEveryMs = 2000;

/** All that runs in the background, beside replies. */
export function backgroundJobs(deps: BillingDeps): FeatureJobs[] {
  return [accountJobs(deps), messageJobs(deps), replyJobs(deps), eventJobs(deps), billingJobs(deps)];
}

export async function startWorker(deps: WorkerDeps, options: DispatchOptions): Promise<Worker> {
  const { db, wakeUps, log } = deps;
  const dispatcher = dispatchReplies(deps, options);
  const heart = heartbeat(db, dispatcher.workerId, beatEveryMs);
  await heart.beat();
  if (deps.alone) await heart.declareOthersDead();
  if (deps.alone) await rescueReplies(deps, true);

  const listener = wakeUps.listen(
    'replies',
    () => dispatcher.room(),
    () => dispatcher.claimDue(),
  );
  const leaving = new AbortController();
  const timers = [
    every(beatEveryMs, 'heartbeat', log, () => heart.beat()),
    every(lookAfterEveryMs, 'look after replies', log, () => dispatcher.lookAfter()),
    every(sweepEveryMs, 'rescue', log, async () => {
      await rescueReplies(deps, heart.steady);
      // Due retries, and what no wake-up told of.
      dispatcher.sweep();
    }),
    every(sweepEveryMs, 'missing model', log, async () => {
      if (await watchMissingModel(deps, leaving.signal)) dispatcher.claimDue();
    }),
  ];
  const jobs = await deps.jobs.work(backgroundJobs(deps));
  dispatcher.claimDue();

  return {
    workerId: dispatcher.workerId,
    activeReplies: () => dispatcher.active,
    async stop(graceMs) {
      leaving.abort();
      await Promise.all([dispatcher.drain(graceMs), jobs.stop(graceMs), listener[Symbol.asyncDispose]()]);
      await Promise.all(timers.map((timer) => timer[Symbol.asyncDispose]()));
      await heart.leave();
    },
  };
}
