/** One-use tickets for browsers, whose `EventSource` cannot send a header. */
import { createHash, randomBytes } from 'node:crypto';
import type { Ticket } from '../../contract/events.ts';
import { signInRequired } from '../accounts/authenticate.ts';
import type { Identity } from '../http/serve.ts';
import type { Connection } from '../ports/database.ts';
import { addTicket, takeTicket } from './store.ts';

const lifeSeconds = 60;

/**
 * Issues a ticket for the caller's session and stores its hash. Its feed ends with the caller's access token, and is in
 * `language` unless that is null.
 */
export async function issueTicket(db: Connection, caller: Identity, language: string | null): Promise<Ticket> {
  const ticket = randomBytes(24).toString('base64url');
  const { userId, sessionId, expiresAtMs } = caller;
  const owner = { userId, sessionId, tokenExpiresAt: new Date(expiresAtMs), language };
  await addTicket(db, hashOf(ticket), owner, lifeSeconds);
  return { ticket, expires_in: lifeSeconds };
}

/** Redeems a ticket. Throws `invalid_token` if it is unknown, used or expired, or its session has ended. */
export async function redeemTicket(db: Connection, ticket: string): Promise<Identity> {
  const owner = await takeTicket(db, hashOf(ticket));
  if (owner === null) throw signInRequired();
  const { userId, sessionId, tokenExpiresAt, language } = owner;
  return { userId, sessionId, expiresAtMs: tokenExpiresAt.getTime(), ...(language !== null && { language }) };
}

function hashOf(ticket: string): string {
  return createHash('sha256').update(ticket).digest('base64url');
}
