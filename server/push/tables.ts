/** Tables of Web Push: the server's keys, subscriptions, and replies that people may have to be told of. */
import { bigint, index, integer, pgTable, text, timestamp, uniqueIndex, uuid } from '../migrations/drizzle.ts';
import { sessions, users } from '../accounts/tables.ts';
import { replies } from '../replies/tables.ts';

const moment = (name: string) => timestamp(name, { withTimezone: true, precision: 3 });

/** The key pair that signs push messages (RFC 8292). One row. */
export const pushKeys = pgTable('push_keys', {
  id: integer().primaryKey(),
  publicKey: text('public_key').notNull(),
  privateKey: text('private_key').notNull(),
});

/** A trigger deletes those of a session that is ended. */
export const pushSubscriptions = pgTable(
  'push_subscriptions',
  {
    id: bigint({ mode: 'number' }).primaryKey().generatedAlwaysAsIdentity(),
    userId: bigint('user_id', { mode: 'number' })
      .notNull()
      .references(() => users.id, { onDelete: 'cascade' }),
    sessionId: uuid('session_id')
      .notNull()
      .references(() => sessions.id, { onDelete: 'cascade' }),
    endpoint: text().notNull(),
    p256dh: text().notNull(),
    auth: text().notNull(),
    /** Of the request that subscribed, for accounts without a setting. */
    language: text().notNull(),
    /** The push service's Retry-After. */
    pausedUntil: moment('paused_until'),
    createdAt: moment('created_at').notNull().defaultNow(),
  },
  (table) => [
    uniqueIndex('push_subscriptions_endpoint').on(table.endpoint),
    uniqueIndex('push_subscriptions_session').on(table.sessionId),
    index('push_subscriptions_user').on(table.userId, table.id),
  ],
);

/** Ended replies of accounts with subscriptions, until a worker has sent their jobs. Written by a trigger on `replies`. */
export const pushDue = pgTable('push_due', {
  replyId: bigint('reply_id', { mode: 'number' })
    .primaryKey()
    .references(() => replies.messageId, { onDelete: 'cascade' }),
  userId: bigint('user_id', { mode: 'number' }).notNull(),
  endedAt: moment('ended_at').notNull().defaultNow(),
});
