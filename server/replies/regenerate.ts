/** Accepts a request for another reply to the same question: charged like a message, and once for any number of requests. */
import { announceAccepted, type AcceptDeps } from '../messages/accept.ts';
import { acceptRegeneration, type RepeatRow, type Repetition } from '../messages/accept-store.ts';
import { acceptedFrom, checkModel, isDuplicate, type Sent } from '../messages/send.ts';
import { notFound, ProblemError } from '../problems/problem.ts';

export type Regenerating = Omit<Repetition, 'plans' | 'unfinishedAtMost'>;

/**
 * Throws `not_found`, `validation_failed` for an unknown model, `head_moved`, `reply_unfinished`, `too_many_unfinished` or
 * `daily_limit_reached` without changing anything.
 */
export async function regenerateReply(deps: AcceptDeps, regenerating: Regenerating): Promise<Sent> {
  checkModel(deps, regenerating.model);
  const { plans, unfinishedAtMost } = deps;
  const repetition = { ...regenerating, plans, unfinishedAtMost };
  const accept = () => acceptOnce(deps, repetition);
  let row = await accept();
  // The concurrent request that took the last message of the day may have been for this reply.
  if (row.replyId === null && row.atHead) row = await accept();
  const uncharged = row.replyId === null ? { ...row, messageId: null } : row;
  const accepted = acceptedFrom(uncharged, { ...repetition, content: row.content });
  await announceAccepted(deps, accepted);
  return accepted;
}

async function acceptOnce({ db }: AcceptDeps, repetition: Repetition): Promise<RepeatRow> {
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
