/** SQL for event tickets. */
import { sql } from '../drizzle.ts';
import type { Connection, Statement } from '../ports/database.ts';
import { eventTickets } from './tables.ts';

export async function addTicket(
  db: Connection,
  { lifeSeconds, ...columns }: { hash: string; userId: number; sessionId: string; lifeSeconds: number },
): Promise<void> {
  await db.orm
    .insert(eventTickets)
    .values({ ...columns, expiresAt: sql`now() + make_interval(secs => ${lifeSeconds})` });
}

const take: Statement<{ userId: number; sessionId: string }> = {
  name: 'ticket_take',
  text: `delete from event_tickets t using sessions s
    where t.hash = $1 and s.id = t.session_id and t.expires_at > now() and s.revoked_at is null and s.expires_at > now()
    returning t.user_id as "userId", t.session_id as "sessionId"`,
};

/** Deletes the ticket and gives its owner, so that two requests cannot both use it. */
export async function takeTicket(db: Connection, hash: string): Promise<{ userId: number; sessionId: string } | null> {
  const rows = await db.run(take, [hash]);
  return rows[0] ?? null;
}
