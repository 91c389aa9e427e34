/** Replies and their state, the workers that generate them, and pauses of models. */
import { ratings, replyStatuses } from '../../contract/messages.ts';
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
} from '../migrations/drizzle.ts';
import { files } from '../files/tables.ts';
import { messages } from '../messages/tables.ts';

const moment = (name: string) => timestamp(name, { withTimezone: true, precision: 3 });

/** One row per reply; also its entry in the queue. */
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
    /** How its owner rated it. */
    feedback: text({ enum: ratings }),
    /** Shown instead of the message's content: the last checkpoint while generating, or why it failed. */
    text: text(),
    /** Incremented by every claim; a worker with another epoch may not write. */
    epoch: integer().notNull().default(0),
    /** Claims except those released at shutdown. */
    attempts: integer().notNull().default(0),
    /** Attempts during which the worker died. */
    deaths: integer().notNull().default(0),
    /** The worker while `generating`. */
    workerId: uuid('worker_id'),
    /** The model that answers, of the plan when the question was accepted. */
    model: text(),
    /** The requested model, if another one answers. */
    fallbackFrom: text('fallback_from'),
    /** When the next claim is due; before the first, when it was queued. */
    nextAttemptAt: moment('next_attempt_at').notNull().defaultNow(),
    /** Set by the first claim; the reply fails after it. */
    deadlineAt: moment('deadline_at'),
    /** The UTC day on which it is charged; null once refunded. */
    chargedOn: date('charged_on'),
    /** The most that a call may cost, in micro-dollars; counts as spent while the reply is unfinished. */
    reserveMicros: bigint('reserve_micros', { mode: 'number' }).notNull().default(0),
    /** Tokens of the prompt: counted by the vendor, and as we had estimated them. */
    promptTokens: integer('prompt_tokens'),
    promptEstimate: integer('prompt_estimate'),
    /** When a worker completed, failed or cancelled it. */
    finishedAt: moment('finished_at'),
    /** W3C `traceparent` of the request; null while tracing is off. */
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
    // One unfinished reply per question: refuses a concurrent second regenerate.
    uniqueIndex('replies_one_unfinished')
      .on(table.questionId)
      .where(sql`status in ('queued', 'generating') and not cancel_requested`),
    // Small, and sufficient to find what a dead worker finished last.
    index('replies_finished').using('brin', table.finishedAt),
    index('replies_failed')
      .on(table.finishedAt)
      .where(sql`status = 'failed'`),
  ],
);

/** Summaries of the path down to a reply, sent in place of its turns. */
export const summaries = pgTable('summaries', {
  messageId: bigint('message_id', { mode: 'number' })
    .primaryKey()
    .references(() => messages.id, { onDelete: 'cascade' }),
  content: text().notNull(),
  createdAt: moment('created_at').notNull().defaultNow(),
});

/** Copies of files that vendors of models keep. */
export const fileCopies = pgTable(
  'file_copies',
  {
    fileId: bigint('file_id', { mode: 'number' })
      .notNull()
      .references(() => files.id, { onDelete: 'cascade' }),
    /** With the account there. */
    vendor: text().notNull(),
    uri: text().notNull(),
    /** It is not used after this. */
    until: moment('until').notNull(),
  },
  (table) => [primaryKey({ columns: [table.fileId, table.vendor] }), index('file_copies_until').on(table.until)],
);

/** Live workers with their last heartbeat. */
export const workers = pgTable('workers', {
  id: uuid().primaryKey(),
  seenAt: moment('seen_at').notNull().defaultNow(),
});

/** Pauses of models by the vendor's Retry-After, for all workers. */
export const modelPauses = pgTable('model_pauses', {
  model: text().primaryKey(),
  until: moment('until').notNull(),
  /** Since when the vendor does not know the model; `until` is then the time of the next probe. */
  missingSince: moment('missing_since'),
});

/** One row for each reply that failed, added by a trigger on `replies`, which may be deleted later. Names no account. */
export const replyFailures = pgTable(
  'reply_failures',
  {
    id: bigint({ mode: 'number' }).primaryKey().generatedAlwaysAsIdentity(),
    code: text(),
    model: text(),
    /** The account's plan at that moment. */
    tier: text(),
    refunded: boolean().notNull(),
    createdAt: moment('created_at').notNull(),
  },
  (table) => [index('reply_failures_time').on(table.createdAt)],
);
