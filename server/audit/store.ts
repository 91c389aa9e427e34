/** SQL for the audit log: a row is added in the transaction of the change that it records. */
import type { Connection, Statement } from '../ports/database.ts';
import type { actorKinds, auditLog } from './tables.ts';

/** Who makes a change. */
export interface Actor {
  readonly kind: (typeof actorKinds)[number];
  /** The administrator; null for the others. */
  readonly userId: number | null;
}

export const commandLine: Actor = { kind: 'command', userId: null };

export type AuditAction =
  | 'tier_changed'
  | 'role_changed'
  | 'blocked'
  | 'unblocked'
  | 'sessions_ended'
  | 'account_deleted'
  | 'billing_event_replayed'
  | 'billing_reconciled'
  | 'catalog_reloaded';

export interface AuditEntry {
  readonly action: AuditAction;
  /** The account that is changed; null if there is none. */
  readonly userId: number | null;
  /** Must not contain personal data. */
  readonly details?: Readonly<Record<string, unknown>>;
}

const add: Statement<never> = {
  name: 'audit_add',
  text: `insert into audit_log (actor, actor_id, action, user_id, details) values ($1, $2, $3, $4, $5::jsonb)`,
};

/** From the first rows, since there is no index by time. */
export const staleAudit: Statement<never> = {
  name: 'stale_audit',
  text: `delete from audit_log where id in (
      select id from (select id, at from audit_log order by id limit 1000) as first where at < now() - interval '10 years'
    )`,
};

export async function addAudit(tx: Connection, actor: Actor, { action, userId, details }: AuditEntry): Promise<void> {
  await tx.run(add, [actor.kind, actor.userId, action, userId, JSON.stringify(details ?? {})]);
}

export type AuditRow = typeof auditLog.$inferSelect;

const list: Statement<AuditRow> = {
  name: 'audit_list',
  text: `select id, at, actor, actor_id as "actorId", action, user_id as "userId", details from audit_log
    where ($1::bigint is null or user_id = $1) and ($2::bigint is null or id < $2) order by id desc limit $3`,
};

/** Newest first: of one account, or of all if it is null. */
export function listAudit(
  db: Connection,
  { userId, before, limit }: { userId: number | null; before: number | null; limit: number },
): Promise<AuditRow[]> {
  return db.run(list, [userId, before, limit]);
}
