/** SQL for event tickets. */
import type { Connection, Statement } from '../ports/database.ts';

const add: Statement<never> = {
  name: 'ticket_add',
  text: `insert into event_tickets (hash, user_id, session_id, token_expires_at, language, expires_at)
    values ($1, $2, $3, $4, $5, now() + make_interval(secs => $6::float8))`,
};

export interface TicketOwner {
  readonly userId: number;
  readonly sessionId: string;
  /** Expiry of the access token that requested the ticket. */
  readonly tokenExpiresAt: Date;
  /** Language in which the ticket was requested; null if none was named. */
  readonly language: string | null;
}

export async function addTicket(db: Connection, hash: string, owner: TicketOwner, lifeSeconds: number): Promise<void> {
  await db.run(add, [hash, owner.userId, owner.sessionId, owner.tokenExpiresAt, owner.language, lifeSeconds]);
}

/** Tickets of older releases lack the token's expiry; their feed ends with the ticket. */
const take: Statement<TicketOwner> = {
  name: 'ticket_take',
  text: `delete from event_tickets t using sessions s
    where t.hash = $1 and s.id = t.session_id and t.expires_at > now() and s.revoked_at is null and s.expires_at > now()
    returning t.user_id as "userId", t.session_id as "sessionId",
      coalesce(t.token_expires_at, t.expires_at) as "tokenExpiresAt", t.language`,
};

/** Deletes the ticket and returns its owner, so that it works once. */
export async function takeTicket(db: Connection, hash: string): Promise<TicketOwner | null> {
  const rows = await db.run(take, [hash]);
  return rows[0] ?? null;
}
