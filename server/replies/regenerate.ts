/** Accepts a request for another reply to the same question: charged like a message, and once for any number of requests. */
import { announceAccepted, type AcceptDeps } from '../messages/accept.ts';
import { acceptRegeneration, type Question, type RepeatRow } from '../messages/accept-store.ts';
import { acceptedFrom, isDuplicate, nullIfRoomIsGone, type Sent } from '../messages/send.ts';
import { notFound, ProblemError } from '../problems/problem.ts';

export interface Regenerating extends Omit<Question, 'content' | 'plans' | 'unfinishedAtMost'> {
  readonly replyId: number;
}

/** Throws `not_found`, `reply_unfinished`, `too_many_unfinished` or `daily_limit_reached` without changing anything. */
export async function regenerateReply(deps: AcceptDeps, regenerating: Regenerating): Promise<Sent> {
  const { plans, unfinishedAtMost } = deps;
  const question = { ...regenerating, plans, unfinishedAtMost };
  const accept = () => acceptOnce(deps, question);
  let row = await accept();
  // The concurrent request that took the last message of the day may have been for this reply.
  if (row.replyId === null) row = await accept();
  const uncharged = row.replyId === null ? { ...row, messageId: null } : row;
  const accepted = acceptedFrom(uncharged, { ...question, content: row.content });
  if (row.repliedAt !== null) await announceAccepted(deps, { ...accepted, repliedAt: row.repliedAt });
  return accepted;
}

async function acceptOnce(
  { db }: AcceptDeps,
  question: Omit<Question, 'content'> & { replyId: number },
): Promise<RepeatRow> {
  let row: RepeatRow | null;
  try {
    row = await nullIfRoomIsGone(acceptRegeneration(db, question));
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
