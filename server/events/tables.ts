/** Table of one-use tickets that open a live feed without a header. */
import { bigint, index, pgTable, text, timestamp, uuid } from '../migrations/drizzle.ts';
import { sessions, users } from '../accounts/tables.ts';

export const eventTickets = pgTable(
  'event_tickets',
  {
    /** SHA-256 of the ticket. */
    hash: text().primaryKey(),
    userId: bigint('user_id', { mode: 'number' })
      .notNull()
      .references(() => users.id, { onDelete: 'cascade' }),
    sessionId: uuid('session_id')
      .notNull()
      .references(() => sessions.id, { onDelete: 'cascade' }),
    expiresAt: timestamp('expires_at', { withTimezone: true, precision: 3 }).notNull(),
    /** Expiry of the access token that requested it; null in tickets of older releases. */
    tokenExpiresAt: timestamp('token_expires_at', { withTimezone: true, precision: 3 }),
    /** Language in which it was requested; null if none was named, and in tickets of older releases. */
    language: text(),
  },
  (table) => [index('event_tickets_expiry').on(table.expiresAt)],
);
