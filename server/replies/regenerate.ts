/** Accepts a request for another reply to the same question: charged like a message, and once for any number of requests. */
import { once } from '../accounts/once.ts';
import type { RequestKey } from '../http/serve.ts';
import { announceAccepted, type AcceptDeps, type Accepted } from '../messages/accept.ts';
import { acceptRegeneration, type RepeatRow, type Repetition } from '../messages/accept-store.ts';
import { acceptedFrom, isDuplicate } from '../messages/send.ts';
import { readMessage } from '../messages/store.ts';
import { checkModel } from '../models/check-model.ts';
import { quotaOf, serviceBudgetReached } from '../plans/quota.ts';
import { readUsage } from '../plans/store.ts';
import type { Connection } from '../ports/database.ts';
import { notFound, ProblemError } from '../problems/problem.ts';

export interface Regenerating extends Omit<Repetition, 'plans' | 'catalog' | 'unfinishedAtMost'> {
  readonly requestKey: RequestKey | null;
}

/**
 * Throws `not_found`, `validation_failed` for an unknown model, `plan_required`, `head_moved`, `reply_unfinished`, `too_many_unfinished`,
 * `daily_limit_reached`, `budget_reached`, `service_budget_reached`, `request_in_flight` or `idempotency_key_reused` without changing anything.
 */
export async function regenerateReply(deps: AcceptDeps, regenerating: Regenerating): Promise<Accepted> {
  checkModel(deps.models, regenerating.model);
  if (deps.serviceSpent()) throw serviceBudgetReached();
  const { db } = deps;
  const { userId, requestKey } = regenerating;
  if (requestKey === null) return announced(deps, await acceptNow(deps, db, regenerating), null);
  let accepted: Accepted | null = null;
  const { created } = await once(db, userId, requestKey, async (tx) => {
    accepted = await acceptNow(deps, tx, regenerating);
    return { messageId: accepted.messageId, replyId: accepted.replyId };
  });
  return accepted === null ? acceptedBefore(deps, regenerating, created) : announced(deps, accepted, requestKey);
}

async function announced(deps: AcceptDeps, accepted: Accepted, requestKey: RequestKey | null): Promise<Accepted> {
  await announceAccepted(deps, accepted, requestKey);
  return accepted;
}

async function acceptNow(deps: AcceptDeps, db: Connection, regenerating: Regenerating): Promise<Accepted> {
  const { plans, catalog, unfinishedAtMost } = deps;
  const repetition = { ...regenerating, plans, catalog, unfinishedAtMost };
  const accept = () => acceptOnce(db, repetition);
  let row = await accept();
  // The concurrent request that took the last message of the day may have been for this reply.
  if (row.replyId === null && row.atHead) row = await accept();
  const uncharged = row.replyId === null ? { ...row, messageId: null } : row;
  return acceptedFrom(uncharged, { ...repetition, content: row.content });
}

/** What a repeated request was answered before. The text is the question's own, which is gone with its room. */
async function acceptedBefore(
  { db, plans }: AcceptDeps,
  { userId, roomId }: Regenerating,
  { messageId, replyId }: Pick<Accepted, 'messageId' | 'replyId'>,
): Promise<Accepted> {
  const [question, usage] = await Promise.all([readMessage(db, userId, roomId, messageId), readUsage(db, userId)]);
  if (question === null || usage === null) throw notFound();
  const { parentId, content, createdAt } = question;
  const attachments = question.attachments ?? [];
  const quota = quotaOf(usage, usage.usedToday, plans);
  return { userId, roomId, messageId, parentId, replyId, content, createdAt, attachments, quota, news: null };
}

async function acceptOnce(db: Connection, repetition: Repetition): Promise<RepeatRow> {
  let row: RepeatRow | null;
  try {
    row = await acceptRegeneration(db, repetition);
  } catch (error) {
    throw isDuplicate(error) ? unfinished() : error;
  }
  if (row === null) throw notFound();
  if (row.unfinished) throw unfinished();
  return row;
}

function unfinished(): ProblemError {
  return new ProblemError('reply_unfinished');
}
