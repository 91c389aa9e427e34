/** Table of messages charged and refunded, for each user and UTC day. */
import { bigint, boolean, date, index, integer, pgTable, primaryKey, text, timestamp } from '../migrations/drizzle.ts';
import { users } from '../accounts/tables.ts';

export const dailyUsage = pgTable(
  'daily_usage',
  {
    userId: bigint('user_id', { mode: 'number' })
      .notNull()
      .references(() => users.id, { onDelete: 'cascade' }),
    day: date().notNull(),
    used: integer().notNull(),
    /** Refunded messages of this day. */
    refunds: integer().notNull().default(0),
  },
  (table) => [primaryKey({ columns: [table.userId, table.day] })],
);

/** One row for each call to a model, written with the outcome of its attempt. Nothing else counts money. */
export const usageEntries = pgTable(
  'usage_entries',
  {
    id: bigint({ mode: 'number' }).primaryKey().generatedAlwaysAsIdentity(),
    /** Null once the account is erased: what was spent stays. */
    userId: bigint('user_id', { mode: 'number' }).references(() => users.id, { onDelete: 'set null' }),
    purpose: text({ enum: ['reply', 'summary', 'title'] }).notNull(),
    /** Of a reply: its message, which may be deleted since, and its attempt. */
    messageId: bigint('message_id', { mode: 'number' }),
    attempt: integer(),
    /** The account's plan at that moment. */
    tier: text(),
    /** Ids of the model that answered and of the requested one, and the vendor's name of the first. */
    model: text().notNull(),
    askedModel: text('asked_model').notNull(),
    name: text(),
    promptTokens: integer('prompt_tokens').notNull(),
    /** Of the prompt. */
    cachedTokens: integer('cached_tokens').notNull(),
    audioTokens: integer('audio_tokens').notNull(),
    answerTokens: integer('answer_tokens').notNull(),
    /** Of the answer. */
    thinkingTokens: integer('thinking_tokens').notNull(),
    costMicros: bigint('cost_micros', { mode: 'number' }).notNull(),
    /** True when the vendor did not report the tokens. */
    isEstimate: boolean('is_estimate').notNull(),
    /** From the claim of a reply to its first text; null if there was none. */
    firstTextMs: integer('first_text_ms'),
    createdAt: timestamp('created_at', { withTimezone: true, precision: 3 }).notNull(),
  },
  (table) => [
    // Both hold the sum, so that budgets are read from the index alone.
    index('usage_entries_account').on(table.userId, table.createdAt, table.costMicros),
    index('usage_entries_time').on(table.createdAt, table.costMicros),
  ],
);

/** Counts of deleted accounts for the rest of their day, so that a new account with the number goes on from them. */
export const keptUsage = pgTable(
  'kept_usage',
  {
    /** Keyed hash of the number. */
    numberKey: text('number_key').notNull(),
    day: date().notNull(),
    used: integer().notNull(),
    refunds: integer().notNull(),
  },
  (table) => [primaryKey({ columns: [table.numberKey, table.day] })],
);

/** One row for each change of an account's plan, added by a trigger on `users`. Names no account. */
export const planChanges = pgTable(
  'plan_changes',
  {
    id: bigint({ mode: 'number' }).primaryKey().generatedAlwaysAsIdentity(),
    fromTier: text('from_tier').notNull(),
    toTier: text('to_tier').notNull(),
    createdAt: timestamp('created_at', { withTimezone: true, precision: 3 }).notNull(),
  },
  (table) => [index('plan_changes_time').on(table.createdAt)],
);

/** The catalogs that were brought into force from files; the newest is in force. */
export const catalogs = pgTable(
  'catalogs',
  {
    id: bigint({ mode: 'number' }).primaryKey().generatedAlwaysAsIdentity(),
    /** SHA-256 of the text. */
    digest: text().notNull(),
    content: text().notNull(),
    since: timestamp({ withTimezone: true, precision: 3 }).notNull().defaultNow(),
  },
  (table) => [index('catalogs_digest').on(table.digest)],
);
