/** Asks a model in the background, for a summary or a title: not charged, and only while its vendor takes questions. */
import type { Logger } from 'pino';
import type { Models } from '../models/models.ts';
import type { Connection } from '../ports/database.ts';
import { ModelError, type Prompt } from '../ports/model.ts';
import type { ReplyMeter } from './meter.ts';
import { pauseFleet } from './pause-fleet.ts';
import { isModelPaused } from './store.ts';
import { cutToBytes } from './tokens.ts';

export interface AskDeps {
  readonly db: Connection;
  readonly models: Models;
  readonly meter: ReplyMeter;
  readonly log: Logger;
}

const timeoutMs = 60_000;

/**
 * The whole answer, cut to `mostBytes`. Throws `ModelError` if the vendor refuses or its model is paused or missing, and when
 * aborted the signal's reason.
 */
export async function askModel(
  { db, models, meter, log }: AskDeps,
  {
    modelId,
    prompt,
    mostBytes,
  }: { readonly modelId: string | null; readonly prompt: Prompt; readonly mostBytes: number },
  leaving: AbortSignal,
): Promise<string> {
  const model = models.of(modelId);
  if (await isModelPaused(db, model.id)) throw unavailable('The model is paused');
  const late = AbortSignal.timeout(timeoutMs);
  let text = '';
  try {
    for await (const part of model.stream(prompt, AbortSignal.any([leaving, late]))) {
      if (part.type === 'text') text = cutToBytes(text + part.text, mostBytes);
      else if (part.usage !== null) meter.tokens(part.usage.promptTokens, part.usage.answerTokens);
    }
  } catch (error) {
    leaving.throwIfAborted();
    if (late.aborted) throw unavailable(`No answer within ${timeoutMs} ms`);
    if (error instanceof ModelError && error.retryAfterMs !== null) {
      await pauseFleet({ db, log }, model.id, error.retryAfterMs);
    }
    throw error;
  }
  return text;
}

function unavailable(message: string): ModelError {
  return new ModelError('model_unavailable', { transient: true, message });
}
