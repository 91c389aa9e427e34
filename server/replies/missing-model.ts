/**
 * A model that the vendor does not know: the first process to notice records it for all, queued replies fail at once without a
 * call, and one process probes the vendor every few seconds.
 */
import type { Connection } from '../ports/database.ts';
import { ModelError, questionPrompt, type Model } from '../ports/model.ts';
import type { Models } from '../models/models.ts';
import { failureOf } from './failure.ts';
import type { ReplyMeter } from './meter.ts';
import { markModelFound, markModelMissing, readMissingModels, takeModelProbes } from './missing-model-store.ts';
import { failMissingReplies } from './rescue-store.ts';
import type { RescueDeps } from './rescue.ts';
import { announceFailure, type AnnounceDeps } from './settle.ts';

export interface ModelDeps extends RescueDeps {
  readonly models: Models;
  readonly meter: ReplyMeter;
}

const probeTimeoutMs = 10_000;

/** Records it for all processes; the first one logs the setting to correct. */
export async function noteMissingModel({ db, log }: AnnounceDeps, model: string): Promise<void> {
  try {
    if (!(await markModelMissing(db, model))) return;
    log.error({ model }, 'THE VENDOR DOES NOT KNOW THE MODEL; every reply fails until another one is set');
  } catch (error) {
    log.warn({ err: error }, 'could not record that the model is unknown');
  }
}

/** Fails replies queued for a missing model, and probes it if this process is next. True once a vendor knows one again. */
export async function watchMissingModel(deps: ModelDeps, leaving: AbortSignal): Promise<boolean> {
  const { db, log, models, refundsDaily } = deps;
  const failed = await failMissingReplies(db, failureOf('model_not_found'), refundsDaily, models.ids);
  for (const row of failed) await announceFailure(deps, row.userId, row.roomId, row);
  let found = false;
  for (const id of await takeModelProbes(db, models.ids)) {
    if (!(await isKnown(deps, models.of(id), leaving))) continue;
    await markModelFound(db, id);
    log.info({ model: id }, 'the vendor knows the model again');
    found = true;
  }
  return found;
}

/** Health check: rejects while a vendor does not know a model, as seen by any process. */
export async function checkModels(db: Connection, { ids }: Models): Promise<void> {
  const missing = await readMissingModels(db, ids);
  if (missing.length > 0) throw new Error(`the vendor does not know the model ${missing.join(', ')}`);
}

/** Sends a minimal prompt through the same path as replies, and stops at the first part. */
async function isKnown({ meter }: ModelDeps, model: Model, leaving: AbortSignal): Promise<boolean> {
  try {
    const signal = AbortSignal.any([leaving, AbortSignal.timeout(probeTimeoutMs)]);
    for await (const _part of model.stream(questionPrompt('Hello'), signal)) break;
    return true;
  } catch (error) {
    if (!(error instanceof ModelError)) return false;
    if (error.code === 'model_not_found') meter.modelFailed(error.code);
    // A permanent refusal for another reason means that the name is known; a transient one proves nothing.
    return error.code !== 'model_not_found' && !error.transient;
  }
}
