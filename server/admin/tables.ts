/** Roll-ups of the ledger by UTC day. Days without one are read from the ledger itself. */
import { usageGroups } from '../../contract/admin-usage.ts';
import { bigint, bit, date, integer, pgTable, primaryKey, smallint, text, timestamp } from '../migrations/drizzle.ts';

/** Accounts of one row of `usage_accounts`: those whose ids share the quotient by this number. */
export const accountsInBlock = 1024;

/**
 * The days that are rolled up. A trigger on the ledger clears `rolledAt` when a row of the day is written late; whoever writes
 * roll-ups of a day locks its row first.
 */
export const usageDays = pgTable('usage_days', {
  day: date().primaryKey(),
  rolledAt: timestamp('rolled_at', { withTimezone: true, precision: 3 }),
});

/** `dimension` is the kind of `key`, which is empty for `day`. */
const cell = {
  day: date().notNull(),
  dimension: text({ enum: usageGroups }).notNull(),
  key: text().notNull(),
};

export const usageRollups = pgTable(
  'usage_rollups',
  {
    ...cell,
    messages: integer().notNull(),
    calls: integer().notNull(),
    promptTokens: bigint('prompt_tokens', { mode: 'number' }).notNull(),
    cachedTokens: bigint('cached_tokens', { mode: 'number' }).notNull(),
    answerTokens: bigint('answer_tokens', { mode: 'number' }).notNull(),
    thinkingTokens: bigint('thinking_tokens', { mode: 'number' }).notNull(),
    costMicros: bigint('cost_micros', { mode: 'number' }).notNull(),
    failures: integer().notNull(),
    refunds: integer().notNull(),
  },
  (table) => [primaryKey({ columns: [table.dimension, table.day, table.key] })],
);

/** A histogram of the time to the first text, in buckets each 5 % wider than the one before. */
export const usageFirstTexts = pgTable(
  'usage_first_texts',
  { ...cell, bucket: smallint().notNull(), calls: integer().notNull() },
  (table) => [primaryKey({ columns: [table.dimension, table.day, table.key, table.bucket] })],
);

/** Who was active, as bits: counts of several days are exact, and reveal nothing but ids. */
export const usageAccounts = pgTable(
  'usage_accounts',
  { ...cell, block: integer().notNull(), accounts: bit({ dimensions: accountsInBlock }).notNull() },
  (table) => [primaryKey({ columns: [table.dimension, table.day, table.key, table.block] })],
);
