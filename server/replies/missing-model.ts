/**
 * A model that the vendor does not know: the first process to notice records it for all, queued replies fail at once without a
 * call, and one process probes the vendor every few seconds.
 */
import type { Connection } from '../ports/database.ts';
import { ModelError, textTurn, type Model } from '../ports/model.ts';
import { failureOf } from './failure.ts';
import type { ReplyMeter } from './meter.ts';
import { isModelMissing, markModelFound, markModelMissing, takeModelProbe } from './missing-model-store.ts';
import { failMissingReplies } from './rescue-store.ts';
import type { RescueDeps } from './rescue.ts';
import { announceFailure, type AnnounceDeps } from './settle.ts';

export interface ModelDeps extends RescueDeps {
  readonly model: Model;
  readonly meter: ReplyMeter;
}

const probeTimeoutMs = 10_000;

/** Records it for all processes; the first one logs the setting to correct. */
export async function noteMissingModel({ db, log }: AnnounceDeps, { label }: Model): Promise<void> {
  try {
    if (!(await markModelMissing(db, label))) return;
    log.error({ model: label }, 'THE VENDOR DOES NOT KNOW THE MODEL; every reply fails until another one is set');
  } catch (error) {
    log.warn({ err: error }, 'could not record that the model is unknown');
  }
}

/** Fails replies queued for a missing model, and probes it if this process is next. True once the vendor knows it again. */
export async function watchMissingModel(deps: ModelDeps, leaving: AbortSignal): Promise<boolean> {
  const { db, log, model, refundsDaily } = deps;
  const failed = await failMissingReplies(db, failureOf('model_not_found'), refundsDaily, model.label);
  for (const row of failed) await announceFailure(deps, row.userId, row.roomId, row);
  if (!(await takeModelProbe(db, model.label)) || !(await isKnown(deps, leaving))) return false;
  await markModelFound(db, model.label);
  log.info({ model: model.label }, 'the vendor knows the model again');
  return true;
}

/** Health check: rejects while the vendor does not know the model, as seen by any process. */
export async function checkModel(db: Connection, { label }: Model): Promise<void> {
  if (await isModelMissing(db, label)) throw new Error(`the vendor does not know the model ${label}`);
}

/** Sends a minimal prompt through the same path as replies, and stops at the first part. */
async function isKnown({ model, meter }: ModelDeps, leaving: AbortSignal): Promise<boolean> {
  try {
    const signal = AbortSignal.any([leaving, AbortSignal.timeout(probeTimeoutMs)]);
    for await (const _part of model.stream([textTurn('user', 'Hello')], signal)) break;
    return true;
  } catch (error) {
    if (!(error instanceof ModelError)) return false;
    if (error.code === 'model_not_found') meter.modelFailed(error.code);
    // A permanent refusal for another reason means that the name is known; a transient one proves nothing.
    return error.code !== 'model_not_found' && !error.transient;
  }
}
