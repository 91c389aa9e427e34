/** The worker: takes queued replies, and the explicit list of periodic jobs. */
import type { Logger } from 'pino';
import type { SecurityLog } from './accounts/security-log.ts';
import { warnOfUnusedCodes } from './accounts/unused-codes.ts';
import { deleteStaleRows } from './housekeeping.ts';
import type { Payments } from './ports/payments.ts';
import type { WakeUps } from './ports/wake-ups.ts';
import { dispatchReplies, type DispatchOptions } from './replies/dispatch.ts';
import type { GenerateDeps } from './replies/generate.ts';
import { heartbeat } from './replies/heartbeat.ts';
import { watchMissingModel } from './replies/missing-model.ts';
import { rescueReplies, type RescueDeps } from './replies/rescue.ts';
import { every } from './schedule.ts';
import { startBilling } from './subscriptions/billing.ts';

export interface WorkerDeps extends Omit<GenerateDeps, 'workerId' | 'writeWindowMs'>, RescueDeps {
  /** Null while billing is not configured. */
  readonly payments: Payments | null;
  readonly wakeUps: WakeUps;
  readonly log: Logger;
  readonly security: SecurityLog;
  /** No other process can be at work: whatever is marked as running was left by a dead one. */
  readonly alone: boolean;
}

export interface Worker {
  readonly workerId: string;
  readonly activeReplies: () => number;
  /** Takes nothing more, lets replies and billing finish for `graceMs`, hands the rest back, and leaves. */
  stop(graceMs: number): Promise<void>;
}

const lookAfterEveryMs = 500;
const sweepEveryMs = 1000;
const beatEveryMs = 2000;
const tidyEveryMs = 10 * 60_000;
const unusedCodesEveryMs = 5 * 60_000;

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
  const jobs = [
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
    every(tidyEveryMs, 'housekeeping', log, () => deleteStaleRows(db)),
    every(unusedCodesEveryMs, 'unused codes', log, () => warnOfUnusedCodes(db, log)),
  ];
  const billing = deps.payments === null ? null : startBilling({ ...deps, payments: deps.payments });
  dispatcher.claimDue();

  return {
    workerId: dispatcher.workerId,
    activeReplies: () => dispatcher.active,
    async stop(graceMs) {
      leaving.abort();
      await Promise.all([dispatcher.drain(graceMs), billing?.stop(graceMs), listener[Symbol.asyncDispose]()]);
      await Promise.all(jobs.map((job) => job[Symbol.asyncDispose]()));
      await heart.leave();
    },
  };
}
