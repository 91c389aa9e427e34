/** The work of answering: replies and their state, the processes that generate them, and pauses of models. */
import { replyStatuses } from '../../contract/messages.ts';
import {
  bigint,
  boolean,
  date,
  index,
  integer,
  pgTable,
  sql,
  text,
  timestamp,
  uniqueIndex,
  uuid,
} from '../migrations/drizzle.ts';
import { messages } from '../messages/tables.ts';

const moment = (name: string) => timestamp(name, { withTimezone: true, precision: 3 });

/** One row for the message of each reply; it is also the reply's place in the queue. */
export const replies = pgTable(
  'replies',
  {
    messageId: bigint('message_id', { mode: 'number' })
      .primaryKey()
      .references(() => messages.id, { onDelete: 'cascade' }),
    questionId: bigint('question_id', { mode: 'number' }).notNull(),
    chatroomId: bigint('chatroom_id', { mode: 'number' }).notNull(),
    userId: bigint('user_id', { mode: 'number' }).notNull(),
    status: text({ enum: replyStatuses }).notNull(),
    /** Why it failed. */
    code: text(),
    truncated: boolean().notNull().default(false),
    /** What is shown in place of the message's content: the last checkpoint while it is generated, or why it failed. */
    text: text(),
    /** Goes up with every claim; a worker whose epoch is not the row's may write nothing. */
    epoch: integer().notNull().default(0),
    /** Claims that count: all but those that a shutdown handed back. */
    attempts: integer().notNull().default(0),
    /** How many of them ended with the process. */
    deaths: integer().notNull().default(0),
    /** The process that generates it while `generating`. */
    workerId: uuid('worker_id'),
    /** The model that the last claim was for. */
    model: text(),
    /** When it was queued, until its first claim; then when the next is due. */
    nextAttemptAt: moment('next_attempt_at').notNull().defaultNow(),
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
    index('replies_queued')
      .on(table.userId, table.messageId)
      .where(sql`status = 'queued'`),
    index('replies_generating')
      .on(table.userId, table.messageId)
      .where(sql`status = 'generating'`),
    index('replies_unfinished')
      .on(table.chatroomId, table.messageId)
      .where(sql`status in ('queued', 'generating')`),
    // A question has one reply under way: a second regenerate runs into this, however close it follows.
    uniqueIndex('replies_one_unfinished')
      .on(table.questionId)
      .where(sql`status in ('queued', 'generating') and not cancel_requested`),
    // Tiny, and enough to find what a dead worker finished in its last seconds.
    index('replies_finished').using('brin', table.finishedAt),
  ],
);

/** Known by their heartbeat. */
export const workers = pgTable('workers', {
  id: uuid().primaryKey(),
  seenAt: moment('seen_at').notNull().defaultNow(),
});

/** Until when no worker calls a model, because its vendor said so to one of them. */
export const modelPauses = pgTable('model_pauses', {
  model: text().primaryKey(),
  until: moment('until').notNull(),
  /** Since when its vendor does not know its name; then `until` is when that is asked next. */
  missingSince: moment('missing_since'),
});
