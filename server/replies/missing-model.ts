/**
 * A model whose name the vendor does not know: whoever learns it tells all, queued replies fail at once instead of
 * calling it, and one process asks every few seconds whether the name is known by now.
 */
import type { Connection } from '../ports/database.ts';
import { ModelError, type Model } from '../ports/model.ts';
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

/** Shares the knowledge; the first to have it says once and loudly what to set. */
export async function noteMissingModel({ db, log }: AnnounceDeps, { label }: Model): Promise<void> {
  try {
    if (!(await markModelMissing(db, label))) return;
    log.error(
      { model: label },
      'THE VENDOR DOES NOT KNOW THE MODEL; every reply fails until GEMINI_MODEL names another',
    );
  } catch (error) {
    log.warn({ err: error }, 'that the model is unknown could not be shared');
  }
}

/** One look: fails what is queued for a missing model, and probes it when it is this process's turn. True once it is known again. */
export async function watchMissingModel(deps: ModelDeps, leaving: AbortSignal): Promise<boolean> {
  const { db, log, model, refundsDaily } = deps;
  const failed = await failMissingReplies(db, failureOf('model_not_found'), refundsDaily, model.label);
  for (const row of failed) await announceFailure(deps, row.userId, row.roomId, row);
  if (!(await takeModelProbe(db, model.label)) || !(await isKnown(deps, leaving))) return false;
  await markModelFound(db, model.label);
  log.info({ model: model.label }, 'the vendor knows the model again');
  return true;
}

/** Rejects while the vendor does not know the model: what one process learned, every process tells. */
export async function checkModel(db: Connection, { label }: Model): Promise<void> {
  if (await isModelMissing(db, label)) throw new Error(`the vendor does not know the model ${label}`);
}

/** Asks the least there is to ask, the way replies do, and reads no further than the first text. */
async function isKnown({ model, meter }: ModelDeps, leaving: AbortSignal): Promise<boolean> {
  try {
    const signal = AbortSignal.any([leaving, AbortSignal.timeout(probeTimeoutMs)]);
    for await (const _part of model.stream([{ role: 'user', text: 'Hello' }], signal)) break;
    return true;
  } catch (error) {
    if (!(error instanceof ModelError)) return false;
    if (error.code === 'model_not_found') meter.modelFailed(error.code);
    // Refused for another reason, so the name is known; what may pass by itself says nothing about it.
    return error.code !== 'model_not_found' && !error.transient;
  }
}
