/** Table of messages charged and refunded, for each user and UTC day. */
import { bigint, date, integer, pgTable, primaryKey, text } from '../migrations/drizzle.ts';
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
