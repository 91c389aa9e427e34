/** Changes plan, role or block of an account, for HTTP and the command line. Each change is in the audit log. */
import { addAudit, type Actor, type AuditAction } from '../audit/store.ts';
import { revokeSessions } from '../accounts/session-store.ts';
import type { Connection } from '../ports/database.ts';
import { notFound, ProblemError } from '../problems/problem.ts';
import { cancelAllReplies } from '../privacy/store.ts';
import { announcePlan, syncWithPayment, type PaymentDeps } from './plan-of-payment.ts';
import { lockAdmins, lockUser, writeStanding, type Standing } from './user-store.ts';

export interface ChangeDeps extends PaymentDeps {
  /** Ends a session in this process at once; others learn of it within a second. */
  readonly endSession: (sessionId: string) => void;
}

export interface UserChange {
  /** A plan to grant; null: the plan follows payment again. */
  readonly tier?: string | null | undefined;
  readonly role?: 'user' | 'admin' | undefined;
  readonly blocked?: boolean | undefined;
}

/** Throws `validation_failed` for an unknown plan, `not_found` and `last_admin` without changing anything. */
export async function changeUser(deps: ChangeDeps, actor: Actor, userId: number, change: UserChange): Promise<void> {
  const { tier } = change;
  if (typeof tier === 'string' && !deps.plans.all.some(({ id }) => id === tier)) throw unknownPlan();
  const { before, after, sessions } = await deps.db.transaction((tx) => commitChange(deps, tx, actor, userId, change));
  for (const id of sessions) deps.endSession(id);
  const number = before.mobileNumber;
  if (after.grantedTier !== before.grantedTier) {
    const to = after.grantedTier ?? 'auto';
    deps.security.record('plan_changed', { userId, number, details: { to, by: 'operator' } });
  }
  if (tier === null) await syncWithPayment(deps, userId);
  if (tier !== undefined) await announcePlan(deps, userId);
  if (after.role !== before.role) {
    deps.security.record('role_changed', { userId, number, details: { to: after.role, by: 'operator' } });
    deps.feed.publish(userId, [{ type: 'user.changed', what: 'role' }]);
  }
  if (after.blocked !== before.blocked) {
    deps.security.record(after.blocked ? 'account_blocked' : 'account_unblocked', { userId, number });
  }
}

interface Changed {
  readonly before: Standing;
  readonly after: Standing;
  /** That it ended. */
  readonly sessions: readonly string[];
}

async function commitChange(
  { plans }: ChangeDeps,
  tx: Connection,
  actor: Actor,
  userId: number,
  { tier, role, blocked }: UserChange,
): Promise<Changed> {
  const admins = role === undefined && blocked === undefined ? [] : await lockAdmins(tx);
  const before = await lockUser(tx, userId);
  if (before === null) throw notFound();
  const after: Standing = {
    ...before,
    grantedTier: tier === undefined ? before.grantedTier : tier,
    role: role ?? before.role,
    blocked: blocked ?? before.blocked,
  };
  const staysAdmin = after.role === 'admin' && !after.blocked;
  if (!staysAdmin && admins.length === 1 && admins[0] === userId) throw new ProblemError('last_admin');
  await writeStanding(tx, userId, after, plans.free.id);
  // A concurrent sign-in that committed first held the row, so that its session is visible here.
  const isBlockedNow = after.blocked && !before.blocked;
  const sessions = isBlockedNow ? await revokeSessions(tx, userId) : [];
  if (isBlockedNow) await cancelAllReplies(tx, userId);
  for (const [action, from, to] of differences(before, after)) {
    await addAudit(tx, actor, { action, userId, details: { from, to } });
  }
  return { before, after, sessions };
}

function differences(before: Standing, after: Standing): (readonly [AuditAction, unknown, unknown])[] {
  const all = [
    ['tier_changed', before.grantedTier, after.grantedTier],
    ['role_changed', before.role, after.role],
    [after.blocked ? 'blocked' : 'unblocked', before.blocked, after.blocked],
  ] as const;
  return all.filter(([, from, to]) => from !== to);
}

/** Signs an account out on all devices. Throws `not_found`. */
export async function endSessions(deps: ChangeDeps, actor: Actor, userId: number): Promise<number> {
  const ended = await deps.db.transaction(async (tx) => {
    if ((await lockUser(tx, userId)) === null) throw notFound();
    const sessions = await revokeSessions(tx, userId);
    await addAudit(tx, actor, { action: 'sessions_ended', userId, details: { sessions: sessions.length } });
    return sessions;
  });
  for (const id of ended) deps.endSession(id);
  return ended.length;
}

function unknownPlan(): ProblemError {
  return new ProblemError('validation_failed', { errors: [{ pointer: '/tier', sentence: 'plan' }] });
}
