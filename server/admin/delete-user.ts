/** Deletes an account for an operator, over HTTP and by command. */
import type { Keys } from '../accounts/keys.ts';
import { addAudit, type Actor } from '../audit/store.ts';
import { commitDeletion, deletionJobs } from '../privacy/delete-account.ts';
import { notFound, ProblemError } from '../problems/problem.ts';
import type { ChangeDeps } from './change-user.ts';
import { lockAdmins, lockUser } from './user-store.ts';

export interface DeleteDeps extends Pick<ChangeDeps, 'endSession' | 'jobs' | 'security'> {
  readonly keys: Pick<Keys, 'keyedHash'>;
}

/** Without a code. Throws `not_found` and `last_admin` without changing anything. */
export async function deleteUser(deps: DeleteDeps, actor: Actor, userId: number): Promise<void> {
  const sessions = await deps.jobs.transaction(deletionJobs, async (tx, send) => {
    const admins = await lockAdmins(tx);
    const user = await lockUser(tx, userId);
    if (user === null) throw notFound();
    if (admins.length === 1 && admins[0] === userId) throw new ProblemError('last_admin');
    await addAudit(tx, actor, { action: 'account_deleted', userId });
    return commitDeletion(tx, send, userId, deps.keys.keyedHash(user.mobileNumber));
  });
  for (const id of sessions) deps.endSession(id);
  deps.security.record('account_deleted', { userId, details: { by: 'operator' } });
}
