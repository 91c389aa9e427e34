/** Deletes an account: nothing of it can be reached afterwards, and jobs erase it. */
import { setTimeout as wait } from 'node:timers/promises';
import { signInRequired } from '../accounts/authenticate.ts';
import { redeemCode, type CodeDeps } from '../accounts/codes.ts';
import { trustForMs, type LiveSessions } from '../accounts/live-sessions.ts';
import { deleteSessions } from '../accounts/session-store.ts';
import { markUserDeleted, readNumber } from '../accounts/store.ts';
import type { JobKind, Jobs, Send } from '../jobs/job.ts';
import type { Connection } from '../ports/database.ts';
import { keepUsage } from '../plans/store.ts';
import { accountErasure, customerDeletion } from './job-kinds.ts';
import { cancelAllReplies, deleteAllShares, recordDeletion } from './store.ts';

export interface DeletionDeps extends CodeDeps {
  readonly jobs: Jobs;
  readonly liveSessions: LiveSessions;
}

/**
 * Deletes the account if the code is right. Resolves once its tokens work in no process and its feeds are closed. The number
 * can sign up again at once; messages that were charged today stay counted for it. Throws `invalid_code`.
 */
export async function deleteAccount(
  deps: DeletionDeps,
  { userId, code, address }: { userId: number; code: string; address: string },
): Promise<void> {
  const { db, keys, security, liveSessions } = deps;
  const number = await readNumber(db, userId);
  if (number === null) throw signInRequired();
  await redeemCode(deps, number, code, address);
  const sessions = await deps.jobs.transaction(deletionJobs, (tx, send) =>
    commitDeletion(tx, send, userId, keys.keyedHash(number)),
  );
  security.record('account_deleted', { userId, details: { by: 'person' } });
  for (const id of sessions) liveSessions.end(id, 'account_deleted');
  // Until the other processes know too.
  await wait(trustForMs);
}

/** What a deletion leaves to do. */
export const deletionJobs: readonly JobKind[] = [accountErasure, customerDeletion];

/**
 * Deletes an account in the caller's transaction, with the jobs that erase it, so that the deletion is completed after a crash.
 * Returns the ids of its sessions, which have ended. Throws `unauthorized` if it is deleted already.
 */
export async function commitDeletion(
  tx: Connection,
  send: Send,
  userId: number,
  numberKey: string,
): Promise<readonly string[]> {
  if (!(await markUserDeleted(tx, userId))) throw signInRequired();
  await keepUsage(tx, userId, numberKey);
  await cancelAllReplies(tx, userId);
  await deleteAllShares(tx, userId);
  const sessions = await deleteSessions(tx, userId);
  const deletionId = await recordDeletion(tx, userId);
  await send(accountErasure, { userId });
  await send(customerDeletion, { deletionId });
  return sessions;
}
