/** Generates one claimed reply: conversation in, stream out, one durable outcome. */
import type { Logger } from 'pino';
import type { FailureCode } from '../../contract/messages.ts';
import { presentMessage } from '../messages/present.ts';
import type { MessageRow } from '../messages/store.ts';
import { DatabaseUnavailable, type Database } from '../ports/database.ts';
import type { Feed } from '../ports/feed.ts';
import { ModelError, type Model, type Turn } from '../ports/model.ts';
import type { TraceSpan, Tracing } from '../ports/tracing.ts';
import { quotaChanged, quotaOf } from '../quotas/quota.ts';
import { readUsage } from '../quotas/store.ts';
import { mostAttempts, retryDelayMs } from './backoff.ts';
import type { Claim } from './claim-store.ts';
import { failureOf } from './failure.ts';
import type { ReplyMeter, Settlement } from './meter.ts';
import type { Run, StopReason } from './run.ts';
import { failReply, finishReply, pauseModel, releaseReply, type Ownership } from './store.ts';

export interface GenerateDeps {
  readonly db: Database;
  readonly feed: Feed;
  readonly model: Model;
  readonly log: Logger;
  readonly workerId: string;
  readonly contextTokens: number;
  readonly basicDailyLimit: number;
  /** Failed replies of an account and day whose charge comes back; 0 = all. */
  readonly refundsDaily: number;
  readonly meter: ReplyMeter;
  readonly tracing: Tracing;
}

/** What an attempt came to. Typed, not thrown: each has exactly one way to be written down. */
type Outcome =
  | { readonly kind: 'finished'; readonly status: 'complete' | 'cancelled'; readonly truncated: boolean }
  | { readonly kind: 'failed'; readonly code: FailureCode }
  | { readonly kind: 'again'; readonly delayMs: number; readonly counted: boolean }
  | { readonly kind: 'lost' };

/** Reads the conversation of a claim, cut to what the model may get: oldest first, ending with the question. */
export type ReadConversation = (claim: Claim) => Promise<readonly Turn[]>;

/** Runs to a durable outcome; never throws. Resolves once that is written, or the reply belongs to somebody else. */
export async function generateReply(deps: GenerateDeps, run: Run, read: ReadConversation): Promise<Settlement> {
  const { id, epoch, trace } = run.claim;
  const span = deps.tracing.start('generate reply', 'consumer', trace, {
    'pollux.reply_id': id,
    'pollux.attempt': epoch,
  });
  let settlement: Settlement = 'lost';
  try {
    const outcome = await attempt(deps, run, read, span);
    run.flush();
    span.event('last delta');
    settlement = await settle(deps, run, outcome);
    return settlement;
  } finally {
    run.end();
    span.end({ 'pollux.outcome': settlement });
    deps.meter.settled(settlement, run.ageMs() / 1000);
  }
}

async function attempt(deps: GenerateDeps, run: Run, read: ReadConversation, parent: TraceSpan): Promise<Outcome> {
  const { id, roomId, epoch } = run.claim;
  run.publish({ type: 'reply.started', chatroom_id: roomId, message_id: id, attempt: epoch });
  try {
    return await stream(deps, run, await read(run.claim), parent);
  } catch (error) {
    if (run.stopped !== null) return outcomeOfStop[run.stopped];
    return await outcomeOfError(deps, run, error);
  }
}

/** Far more than the model's limit on an answer lets through; a vendor that ignores it costs no more memory than this. */
const mostAnswerBytes = 512 * 1024;

async function stream(
  { model, meter, tracing }: GenerateDeps,
  run: Run,
  turns: readonly Turn[],
  parent: TraceSpan,
): Promise<Outcome> {
  const span = tracing.start(`stream ${model.label}`, 'client', parent.traceparent);
  try {
    let truncated = false;
    let leftBytes = mostAnswerBytes;
    for await (const part of model.stream(turns, run.signal)) {
      if (part.type === 'text') {
        if (run.text === '') {
          meter.firstToken(run.ageMs() / 1000);
          span.event('first token');
        }
        const text = cutToBytes(part.text, leftBytes);
        run.append(text);
        leftBytes -= Buffer.byteLength(text);
        if (text.length === part.text.length) continue;
        truncated = true;
        break;
      } else {
        truncated = part.truncated;
        if (part.usage) meter.tokens(part.usage.promptTokens, part.usage.answerTokens);
      }
    }
    return { kind: 'finished', status: 'complete', truncated };
  } finally {
    span.end();
  }
}

/** The longest beginning of a text that has at most so many bytes and ends between two characters. */
function cutToBytes(text: string, bytes: number): string {
  if (text.length * 3 <= bytes) return text;
  return text.slice(0, new TextEncoder().encodeInto(text, new Uint8Array(bytes)).read);
}

const outcomeOfStop: Readonly<Record<StopReason, Outcome>> = {
  cancelled: { kind: 'finished', status: 'cancelled', truncated: false },
  lost: { kind: 'lost' },
  deadline: { kind: 'failed', code: 'timed_out' },
  shutdown: { kind: 'again', delayMs: 0, counted: false },
};

async function outcomeOfError(deps: GenerateDeps, run: Run, error: unknown): Promise<Outcome> {
  const { log } = deps;
  const { id, epoch, attempts, leftMs } = run.claim;
  const failure = error instanceof ModelError ? error : unexpected(error);
  deps.meter.modelFailed(failure.code);
  // The conversation could not be read, so the model was not called.
  const counted = !(error instanceof DatabaseUnavailable);
  if (failure.retryAfterMs !== null) await pauseFleet(deps, failure.retryAfterMs);
  const delayMs = retryDelayMs(attempts, failure.retryAfterMs);
  const known = { reply_id: id, attempt: epoch, code: failure.code, err: failure };
  // Waiting beyond the deadline would only tell the person later.
  if (!failure.transient || (counted && attempts >= mostAttempts) || delayMs >= leftMs - run.ageMs()) {
    log.warn(known, 'the model failed for good');
    return { kind: 'failed', code: failure.code };
  }
  log.warn({ ...known, delay_ms: Math.round(delayMs) }, 'the model failed, trying again');
  return { kind: 'again', delayMs, counted };
}

/** Longer pauses are taken in pieces: each time one attempt asks again. */
const longestPauseMs = 60_000;

/** The vendor's wish is for all of us, not only for the worker that was told. */
async function pauseFleet({ db, model, log }: GenerateDeps, forMs: number): Promise<void> {
  try {
    await pauseModel(db, model.label, Math.min(forMs, longestPauseMs));
  } catch (error) {
    log.warn({ err: error }, 'the pause of the model could not be shared');
  }
}

function unexpected(error: unknown): ModelError {
  const what = error instanceof DatabaseUnavailable ? 'the database went away' : 'an unexpected error';
  return new ModelError('model_unavailable', { transient: true, message: `${what} while generating`, cause: error });
}

/** Writes the outcome and tells the devices. Only the owner of the current epoch gets to do either. */
async function settle(deps: GenerateDeps, run: Run, outcome: Outcome): Promise<Settlement> {
  if (outcome.kind === 'lost') return 'lost';
  const { db, workerId } = deps;
  const { id, epoch, roomId, userId } = run.claim;
  const owner: Ownership = { id, epoch, workerId };

  if (outcome.kind === 'again') {
    const released = await persistently(deps, run, () => releaseReply(db, owner, outcome));
    if (released === null) return 'lost';
    // Asked to stop meanwhile, or taken over; the next write tells which.
    if (!released) return settle(deps, run, outcomeOfStop.cancelled);
    run.publish({ type: 'reply.reset', chatroom_id: roomId, message_id: id, attempt: epoch });
    return 'again';
  }
  if (outcome.kind === 'failed') {
    const failure = failureOf(outcome.code);
    const row = await persistently(deps, run, () => failReply(db, owner, failure, deps.refundsDaily));
    if (row) await announceFailure(deps, userId, roomId, row);
    return row ? 'failed' : 'lost';
  }
  const end = { status: outcome.status, content: run.text, truncated: outcome.truncated };
  const row = await persistently(deps, run, () => finishReply(db, owner, end));
  if (!row) return 'lost';
  const type = outcome.status === 'complete' ? 'reply.completed' : 'reply.cancelled';
  run.publish({ type, chatroom_id: roomId, message_id: id, message: presentMessage(row) });
  return outcome.status;
}

/** Tells the devices that a reply failed and what is left of the day. */
export async function announceFailure(
  { db, feed, log, basicDailyLimit }: Pick<GenerateDeps, 'db' | 'feed' | 'log' | 'basicDailyLimit'>,
  userId: number,
  roomId: number,
  row: MessageRow,
): Promise<void> {
  feed.publish(userId, [
    { type: 'reply.failed', chatroom_id: roomId, message_id: row.id, message: presentMessage(row) },
  ]);
  try {
    const usage = await readUsage(db, userId);
    if (usage) feed.publish(userId, [quotaChanged(quotaOf(usage, usage.usedToday, basicDailyLimit))]);
  } catch (error) {
    log.warn({ err: error }, 'the quota could not be told');
  }
}

const persistForMs = 60_000;
const persistEveryMs = 500;

/**
 * Writes through a database outage: text that was paid for is not thrown away because the server restarts. Safe to
 * repeat, for every write names the epoch it expects. Gives null when it cannot be written in time; the sweep takes over.
 */
async function persistently<T>({ log }: GenerateDeps, run: Run, write: () => Promise<T>): Promise<T | null> {
  const giveUpAt = Date.now() + persistForMs;
  for (;;) {
    try {
      return await write();
    } catch (error) {
      if (Date.now() > giveUpAt || run.stopped === 'shutdown') {
        log.error({ reply_id: run.claim.id, err: error }, 'the outcome of a reply could not be written');
        return null;
      }
      await new Promise((resolve) => setTimeout(resolve, persistEveryMs));
    }
  }
}
