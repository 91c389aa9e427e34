/** The worker: generates replies and runs the background jobs of the features listed here. */
import type { Logger } from 'pino';
import { accountJobs } from './accounts/jobs.ts';
import { adminJobs } from './admin/roll-up.ts';
import { eventJobs } from './events/jobs.ts';
import { fileJobs, type FileJobsDeps } from './files/jobs.ts';
import type { FeatureJobs } from './jobs/job.ts';
import type { OpenJobs } from './jobs/open.ts';
import type { WakeUps } from './ports/wake-ups.ts';
import type { Presence } from './ports/presence.ts';
import { planJobs } from './plans/jobs.ts';
import { privacyJobs, type PrivacyJobsDeps } from './privacy/jobs.ts';
import { pushJobs } from './push/jobs.ts';
import type { SendPushDeps } from './push/send-push.ts';
import { tellOfEndedReplies } from './push/take-due.ts';
import { dispatchReplies, type DispatchOptions } from './replies/dispatch.ts';
import type { GenerateDeps } from './replies/generate.ts';
import { every } from './replies/every.ts';
import { heartbeat } from './replies/heartbeat.ts';
import { replyJobs, type ReplyJobsDeps } from './replies/jobs.ts';
import { watchMissingModel } from './replies/missing-model.ts';
import { rescueReplies, type RescueDeps } from './replies/rescue.ts';
import { indexMessages } from './search/index-messages.ts';
import { billingJobs, type BillingDeps } from './subscriptions/jobs.ts';

export interface WorkerDeps
  extends Omit<GenerateDeps, 'workerId' | 'writeWindowMs'>, RescueDeps, BillingDeps, PrivacyJobsDeps, SendPushDeps {
  readonly jobs: OpenJobs;
  readonly wakeUps: WakeUps;
  readonly presence: Presence;
  readonly log: Logger;
  /** True if no other process can run: replies marked as generating belong to dead workers. */
  readonly isOnlyProcess: boolean;
}

export interface Worker {
  readonly workerId: string;
  readonly activeReplies: () => number;
  /** Takes no more work, drains for `graceMs`, releases the rest, and ends the lease. */
  stop(graceMs: number): Promise<void>;
}

const checkpointEveryMs = 500;
const sweepEveryMs = 1000;
const beatEveryMs = 2000;
/** A job of pg-boss would run once a minute. */
const indexEveryMs = 2000;
const pushEveryMs = 1000;

/** All background work except replies. */
export function backgroundJobs(
  deps: ReplyJobsDeps & BillingDeps & PrivacyJobsDeps & SendPushDeps & FileJobsDeps,
): FeatureJobs[] {
  return [
    accountJobs(deps),
    planJobs(deps),
    fileJobs(deps),
    replyJobs(deps),
    eventJobs(deps),
    billingJobs(deps),
    privacyJobs(deps),
    adminJobs(deps),
    pushJobs(deps),
  ];
}

export async function startWorker(deps: WorkerDeps, options: DispatchOptions): Promise<Worker> {
  const { db, wakeUps, log } = deps;
  const dispatcher = dispatchReplies(deps, options);
  const heart = heartbeat(db, dispatcher.workerId, beatEveryMs);
  await heart.beat();
  if (deps.isOnlyProcess) {
    await heart.removeOthers();
    await rescueReplies(deps, true);
  }

  const listener = wakeUps.listen(
    'replies',
    () => dispatcher.room(),
    () => dispatcher.claimDue(),
  );
  const stops = wakeUps.listenForStops((replyId) => dispatcher.stopIfCancelled(replyId));
  const leaving = new AbortController();
  const timers = [
    every(beatEveryMs, 'heartbeat', log, () => heart.beat()),
    every(checkpointEveryMs, 'checkpoint', log, () => dispatcher.checkpoint()),
    every(sweepEveryMs, 'rescue', log, async () => {
      await rescueReplies(deps, heart.steady);
      // Finds due retries and replies whose wake-up was lost.
      dispatcher.sweep();
    }),
    every(sweepEveryMs, 'missing model', log, async () => {
      if (await watchMissingModel(deps, leaving.signal)) dispatcher.claimDue();
    }),
    every(indexEveryMs, 'search index', log, () => indexMessages(db, dispatcher.workerId, leaving.signal)),
    ...(deps.push === null ? [] : [every(pushEveryMs, 'push messages', log, () => tellOfEndedReplies(deps))]),
  ];
  const jobs = await deps.jobs.work(backgroundJobs(deps));
  dispatcher.claimDue();

  return {
    workerId: dispatcher.workerId,
    activeReplies: () => dispatcher.active,
    async stop(graceMs) {
      leaving.abort();
      await Promise.all([dispatcher.drain(graceMs), jobs.stop(graceMs), listener[Symbol.asyncDispose]()]);
      await Promise.all([...timers, stops].map((resource) => resource[Symbol.asyncDispose]()));
      await heart.leave();
    },
  };
}
