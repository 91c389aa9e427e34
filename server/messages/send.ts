/** Accepts a question: one statement commits message, queued reply and charge, then it is announced. */
import { hash } from 'node:crypto';
import type { Static } from 'typebox';
import type { Attachment } from '../../contract/attachments.ts';
import type { NewMessage } from '../../contract/messages.ts';
import { inFlight } from '../accounts/once.ts';
import type { RequestKey } from '../http/serve.ts';
import { checkModel, planRequired } from '../models/check-model.ts';
import { notFound, ProblemError } from '../problems/problem.ts';
import { budgetReached, dailyLimitReached, quotaOf, remaining, serviceBudgetReached } from '../plans/quota.ts';
import { announceAccepted, type AcceptDeps, type Accepted } from './accept.ts';
import {
  acceptQuestion,
  acceptQuestionWithKey,
  type AcceptRow,
  type KeyedRow,
  type PlacedRow,
  type Question,
} from './accept-store.ts';

export interface Sending {
  readonly userId: number;
  readonly roomId: number;
  readonly content: string;
  readonly fileIds?: readonly number[];
  readonly parentId?: number | null | undefined;
  readonly ifHeadId?: number | null | undefined;
  readonly model?: string | undefined;
  readonly requestKey: RequestKey | null;
  /** W3C `traceparent` that the reply continues; null while tracing is off. */
  readonly trace: string | null;
}

const tooManyUnfinishedRetryMs = 5000;

/**
 * Throws `not_found`, `validation_failed` for an unknown model, a parent that is not a reply of the room, files that do not exist
 * or stand elsewhere, and a question without text and files, `plan_required`,
 * `head_moved`, `too_many_unfinished`,
 * `daily_limit_reached`, `budget_reached`, `service_budget_reached`, `request_in_flight` or `idempotency_key_reused` without changing anything.
 */
export async function sendMessage(deps: AcceptDeps, sending: Sending): Promise<Accepted> {
  const { plans, catalog, unfinishedAtMost } = deps;
  const { content, fileIds = [] } = sending;
  if (content === '' && fileIds.length === 0) throw invalid('/content', 'no-text');
  checkRepeats(fileIds);
  checkModel(deps.models, sending.model);
  if (deps.serviceSpent()) throw serviceBudgetReached();
  const question: Question = { ...sending, plans, catalog, unfinishedAtMost };
  const row = await (sending.requestKey === null
    ? acceptQuestion(deps.db, question)
    : insertWithKey(deps, question, sending.requestKey));
  if (row === null) throw notFound();
  if (row.messageId === null) checkPlace(row, fileIds);
  const accepted = acceptedFrom(row, question);
  await announceAccepted(deps, accepted, sending.requestKey);
  return accepted;
}

/** Throws `validation_failed` for a file that is named twice. */
function checkRepeats(fileIds: readonly number[]): void {
  const at = fileIds.findIndex((id, index) => fileIds.indexOf(id) < index);
  if (at >= 0) throw invalid(`/attachment_ids/${at}`, 'attachment-twice');
}

/** Throws `validation_failed` if the parent or one of the files was the reason. A stranger's file is like a missing one. */
function checkPlace(
  { atHead, hasModel, hasParent, ownFiles = [], freeFiles = [] }: PlacedRow,
  fileIds: readonly number[],
): void {
  if (!atHead || !hasModel) return;
  if (!hasParent) throw invalid('/parent_id', 'reply');
  const errors = fileIds.flatMap((id, index) => {
    if (freeFiles.includes(id)) return [];
    return [
      { pointer: `/attachment_ids/${index}`, sentence: ownFiles.includes(id) ? 'attachment-elsewhere' : 'attachments' },
    ];
  });
  if (errors.length > 0) throw new ProblemError('validation_failed', { errors });
}

function invalid(pointer: string, sentence: string): ProblemError {
  return new ProblemError('validation_failed', { errors: [{ pointer, sentence }] });
}

/** Converts a row to an accepted question; throws the refusal if it was not charged. */
export function acceptedFrom(
  row: AcceptRow & { readonly attachments?: readonly Attachment[] | null },
  question: Omit<Question, 'parentId'>,
): Accepted {
  const { userId, roomId, content } = question;
  const { messageId, parentId, replyId, createdAt, repliedAt, versions, replyVersions } = row;
  if (messageId === null || replyId === null || createdAt === null) throw refusalOf(row, question);
  const quota = quotaOf(row, row.used ?? 0, question.plans);
  const fresh = repliedAt !== null && versions !== null && replyVersions !== null;
  return {
    userId,
    roomId,
    content,
    quota,
    messageId,
    parentId,
    replyId,
    createdAt,
    attachments: row.attachments ?? [],
    news: fresh ? { repliedAt, versions, replyVersions } : null,
  };
}

/** Why nothing was charged. If neither reason holds any more, a reply has ended since, so unfinished replies were the reason. */
function refusalOf(
  row: AcceptRow,
  { plans, unfinishedAtMost }: Pick<Question, 'plans' | 'unfinishedAtMost'>,
): ProblemError {
  if (!plans.all.some(({ id }) => id === row.tier)) throw new Error(`no plan is called ${row.tier}`);
  if (!row.hasModel) return planRequired();
  if (!row.atHead) return new ProblemError('head_moved', { members: { head_id: row.headId } });
  const { unfinishedReplies, usedToday } = row;
  const tooManyUnfinished = unfinishedAtMost > 0 && unfinishedReplies !== null && unfinishedReplies >= unfinishedAtMost;
  const quota = quotaOf(row, usedToday ?? 0, plans);
  if (remaining(quota) === 0 && !tooManyUnfinished) return dailyLimitReached(quota, plans);
  const { monthlyCostMicros: cost } = plans.of(row.tier);
  const isSpent = cost !== null && row.spentMicros + row.reservedMicros >= cost;
  if (isSpent && !tooManyUnfinished) return budgetReached(row, cost);
  return new ProblemError('too_many_unfinished', {
    values: { limit: unfinishedAtMost },
    retryAfterMs: tooManyUnfinishedRetryMs,
  });
}

async function insertWithKey(deps: AcceptDeps, question: Question, request: RequestKey): Promise<PlacedRow | null> {
  const { key } = request;
  const fingerprint = request.fingerprint();
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
    throw inFlight();
  }
  return row;
}

/** Digest of the room and the whole body of a send, in the format of earlier releases, whose keys stay valid. */
export function fingerprintOfSend(roomId: number, { content, ...more }: Static<typeof NewMessage>): string {
  const others = Object.keys(more).length === 0 ? '' : `\n${JSON.stringify(more)}`;
  return hash('sha256', `${roomId}\n${content}${others}`, 'base64url');
}

/** SQLSTATE `unique_violation` (PostgreSQL, appendix A). */
const uniqueViolation = '23505';

/** True if a concurrent request committed first. */
export function isDuplicate(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === uniqueViolation;
}
