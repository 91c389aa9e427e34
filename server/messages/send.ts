/** Accepts a question: one statement commits message, queued reply and charge, then it is announced. */
import { createHash } from 'node:crypto';
import { notFound, ProblemError } from '../problems/problem.ts';
import { dailyLimitReached, quotaOf, remaining } from '../plans/quota.ts';
import { announceAccepted, type AcceptDeps, type Accepted } from './accept.ts';
import { acceptQuestion, acceptQuestionWithKey, type AcceptRow, type KeyedRow, type Question } from './accept-store.ts';

export interface Sending {
  readonly userId: number;
  readonly roomId: number;
  readonly content: string;
  /** From `Idempotency-Key`. */
  readonly key: string | null;
  /** W3C `traceparent` that the reply continues; null while tracing is off. */
  readonly trace: string | null;
}

const tooManyUnfinishedRetryMs = 5000;

export type Sent = Pick<Accepted, 'messageId' | 'replyId' | 'content' | 'createdAt' | 'quota'>;

/**
 * Throws `not_found`, `too_many_unfinished`, `daily_limit_reached`, `request_in_flight` or `idempotency_key_reused` without
 * changing anything.
 */
export async function sendMessage(deps: AcceptDeps, sending: Sending): Promise<Sent> {
  const { plans, unfinishedAtMost } = deps;
  const question: Question = { ...sending, plans, unfinishedAtMost };
  const row = await insertOnce(deps, question, sending.key);
  if (row === null) throw notFound();
  const accepted = acceptedFrom(row, question);
  // A repeated request was already announced.
  if (row.repliedAt !== null) await announceAccepted(deps, { ...accepted, repliedAt: row.repliedAt });
  return accepted;
}

/** Converts a row to an accepted question; throws the refusal if it was not charged. */
export function acceptedFrom(row: AcceptRow, question: Question): Omit<Accepted, 'repliedAt'> {
  const { userId, roomId, content } = question;
  if (row.messageId === null || row.replyId === null || row.createdAt === null) throw refusalOf(row, question);
  const quota = quotaOf(row, row.used ?? 0, question.plans);
  return { userId, roomId, content, quota, messageId: row.messageId, replyId: row.replyId, createdAt: row.createdAt };
}

/** Why nothing was charged. If neither reason holds any more, a reply has ended since, so unfinished replies were the reason. */
function refusalOf(row: AcceptRow, { plans, unfinishedAtMost }: Question): ProblemError {
  const { unfinishedReplies, usedToday } = row;
  const tooManyUnfinished = unfinishedAtMost > 0 && unfinishedReplies !== null && unfinishedReplies >= unfinishedAtMost;
  const quota = quotaOf(row, usedToday ?? 0, plans);
  if (remaining(quota) === 0 && !tooManyUnfinished) return dailyLimitReached(quota);
  return new ProblemError('too_many_unfinished', {
    values: { limit: unfinishedAtMost },
    retryAfterMs: tooManyUnfinishedRetryMs,
  });
}

function insertOnce(deps: AcceptDeps, question: Question, key: string | null): Promise<AcceptRow | null> {
  return nullIfRoomIsGone(key === null ? acceptQuestion(deps.db, question) : insertWithKey(deps, question, key));
}

/** Null if the room was deleted while the statement ran. */
export async function nullIfRoomIsGone<T>(accepting: Promise<T>): Promise<T | null> {
  try {
    return await accepting;
  } catch (error) {
    if (sqlState(error) === foreignKeyViolation) return null;
    throw error;
  }
}

async function insertWithKey(deps: AcceptDeps, question: Question, key: string): Promise<AcceptRow | null> {
  const fingerprint = createHash('sha256').update(`${question.roomId}\n${question.content}`).digest('base64url');
  let row: KeyedRow | null;
  try {
    row = await acceptQuestionWithKey(deps.db, question, { key, fingerprint });
  } catch (error) {
    if (!isDuplicate(error)) throw error;
    // A request with this key committed meanwhile, and is visible now.
    row = await acceptQuestionWithKey(deps.db, question, { key, fingerprint });
  }
  if (row === null || (row.knownFingerprint === null && !row.hasRoom)) return null;
  if (row.knownFingerprint !== null && row.knownFingerprint !== fingerprint) {
    throw new ProblemError('idempotency_key_reused');
  }
  if (row.knownFingerprint === null && !row.free) {
    throw new ProblemError('request_in_flight', { retryAfterMs: 1000 });
  }
  return row;
}

/** SQLSTATEs (PostgreSQL, appendix A). */
const foreignKeyViolation = '23503';
const uniqueViolation = '23505';

/** True if a concurrent request committed first. */
export function isDuplicate(error: unknown): boolean {
  return sqlState(error) === uniqueViolation;
}

function sqlState(error: unknown): unknown {
  return error instanceof Error && 'code' in error ? error.code : undefined;
}
