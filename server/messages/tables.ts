/** Messages of both sides. A reply's row is also its place in the queue: the database is the truth about work. */
import {
  bigint,
  boolean,
  date,
  index,
  integer,
  pgTable,
  primaryKey,
  sql,
  text,
  timestamp,
  uniqueIndex,
  uuid,
} from '../drizzle.ts';
import { replyStatuses } from '../../contract/messages.ts';
import { users } from '../accounts/tables.ts';
import { chatrooms } from '../chatrooms/tables.ts';

const moment = (name: string) => timestamp(name, { withTimezone: true, precision: 3 });

export const messages = pgTable(
  'messages',
  {
    id: bigint({ mode: 'number' }).primaryKey().generatedAlwaysAsIdentity(),
    chatroomId: bigint('chatroom_id', { mode: 'number' })
      .notNull()
      .references(() => chatrooms.id, { onDelete: 'cascade' }),
    userId: bigint('user_id', { mode: 'number' }).notNull(),
    isFromUser: boolean('is_from_user').notNull(),
    content: text().notNull().default(''),
    status: text({ enum: replyStatuses }).notNull(),
    createdAt: moment('created_at').notNull().defaultNow(),
    inReplyTo: bigint('in_reply_to', { mode: 'number' }),
    /** Why a reply failed. */
    code: text(),
    truncated: boolean().notNull().default(false),
    /** Goes up with every claim; a worker whose epoch is not the row's may write nothing. */
    epoch: integer().notNull().default(0),
    /** Claims that count: all but those that a shutdown handed back. */
    attempts: integer().notNull().default(0),
    /** How many of them ended with the process. */
    deaths: integer().notNull().default(0),
    /** The process that generates it while `generating`. */
    workerId: uuid('worker_id'),
    nextAttemptAt: moment('next_attempt_at'),
    /** Set at the first claim; past it the reply fails whatever happens. */
    deadlineAt: moment('deadline_at'),
    /** The UTC day whose count holds this reply; null once it was given back. */
    chargedOn: date('charged_on'),
    /** When it was completed, failed or cancelled by a worker. */
    finishedAt: moment('finished_at'),
    /** W3C `traceparent` of the request that asked, while traces are collected. */
    trace: text(),
    cancelRequested: boolean('cancel_requested').notNull().default(false),
  },
  (table) => [
    index('messages_room').on(table.chatroomId, table.id),
    index('messages_queued')
      .on(table.userId, table.id)
      .where(sql`status = 'queued'`),
    index('messages_generating')
      .on(table.userId, table.id)
      .where(sql`status = 'generating'`),
    index('messages_unfinished')
      .on(table.chatroomId, table.id)
      .where(sql`status in ('queued', 'generating')`),
    // A question has one reply under way: a second regenerate runs into this, however close it follows.
    uniqueIndex('messages_one_unfinished_reply')
      .on(table.inReplyTo)
      .where(sql`status in ('queued', 'generating') and not cancel_requested`),
    // Tiny, and enough to find what a dead worker finished in its last seconds.
    index('messages_finished').using('brin', table.finishedAt),
  ],
);

/** What was answered to a send that carried an Idempotency-Key. Kept for 24 hours, also after the room is gone. */
export const idempotencyKeys = pgTable(
  'idempotency_keys',
  {
    userId: bigint('user_id', { mode: 'number' })
      .notNull()
      .references(() => users.id, { onDelete: 'cascade' }),
    key: text().notNull(),
    /** SHA-256 of room and body. */
    fingerprint: text().notNull(),
    messageId: bigint('message_id', { mode: 'number' }).notNull(),
    replyId: bigint('reply_id', { mode: 'number' }).notNull(),
    createdAt: moment('created_at').notNull().defaultNow(),
  },
  (table) => [primaryKey({ columns: [table.userId, table.key] }), index('idempotency_keys_age').on(table.createdAt)],
);
