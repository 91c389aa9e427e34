/** Asks a model in the background, for a summary or a title: not charged, and only while its vendor takes questions. */
import type { Logger } from 'pino';
import type { Catalog } from '../config/catalog.ts';
import type { Models } from '../models/models.ts';
import type { Connection } from '../ports/database.ts';
import { beginUsage, cancelUsage, endUsage, type UsageEntry } from '../plans/ledger-store.ts';
import { ModelError, textOf, type Prompt } from '../ports/model.ts';
import type { ReplyMeter } from './meter.ts';
import { modelCall } from './model-call.ts';
import { pauseFleet } from './pause-fleet.ts';
import { isModelPaused } from './store.ts';
import { cutToBytes, tokensOf } from './tokens.ts';

export interface AskDeps {
  readonly db: Connection;
  readonly models: Models;
  readonly meter: ReplyMeter;
  readonly log: Logger;
  readonly catalog: Pick<Catalog, 'models'>;
}

export interface Asked {
  readonly userId: number;
  readonly purpose: 'summary' | 'title';
  readonly modelId: string | null;
  readonly prompt: Prompt;
  readonly mostBytes: number;
}

/** Beside those of the answer, for models that think before it. */
export const thinkingTokens = 1024;
const timeoutMs = 60_000;

/**
 * The whole answer, cut to `mostBytes`. Throws `ModelError` if the vendor refuses or its model is paused or missing, and when
 * aborted the signal's reason.
 */
export async function askModel(deps: AskDeps, asked: Asked, leaving: AbortSignal): Promise<string> {
  const { db, models, catalog, log } = deps;
  const { userId, purpose, prompt, mostBytes } = asked;
  const model = models.of(asked.modelId);
  if (await isModelPaused(db, model.id)) throw unavailable('The model is paused');
  const call = modelCall(catalog.models, {
    model: model.id,
    asked: asked.modelId ?? model.id,
    estimate: tokensIn(prompt),
  });
  // Entered before it is made, so that a killed worker leaves the estimate.
  const entryId = await beginUsage(db, { userId, purpose, entry: call.entry('')! });
  const late = AbortSignal.timeout(timeoutMs);
  let text = '';
  try {
    for await (const part of model.stream(prompt, AbortSignal.any([leaving, late]))) {
      if (part.type === 'text') text = cutToBytes(text + part.text, mostBytes);
      else if (part.type === 'usage') call.note(part);
    }
  } catch (error) {
    if (error instanceof ModelError && error.isRefusal) call.refuse();
    leaving.throwIfAborted();
    if (late.aborted) throw unavailable(`No answer within ${timeoutMs} ms`);
    if (error instanceof ModelError && error.retryAfterMs !== null) {
      await pauseFleet({ db, log }, model.id, error.retryAfterMs);
    }
    throw error;
  } finally {
    await settleUsage(deps, entryId, call.entry(text));
  }
  return text;
}

/** Does not throw: without it the estimate stays. */
async function settleUsage({ db, log, meter }: AskDeps, id: number, entry: UsageEntry | null): Promise<void> {
  if (entry !== null) meter.called(entry);
  try {
    await (entry === null ? cancelUsage(db, id) : endUsage(db, id, entry));
  } catch (error) {
    log.warn({ err: error }, 'could not enter the usage of a call');
  }
}

const tokensIn = ({ instructions, turns }: Prompt) => tokensOf([instructions ?? '', ...turns.map(textOf)].join('\n'));

function unavailable(message: string): ModelError {
  return new ModelError('model_unavailable', { transient: true, message });
}
