/** How many messages each user was charged on each UTC day, and how many were given back. */
import { bigint, date, integer, pgTable, primaryKey } from '../drizzle.ts';
import { users } from '../accounts/tables.ts';

export const dailyUsage = pgTable(
  'daily_usage',
  {
    userId: bigint('user_id', { mode: 'number' })
      .notNull()
      .references(() => users.id, { onDelete: 'cascade' }),
    day: date().notNull(),
    used: integer().notNull(),
    /** Messages of this day that were given back. */
    refunds: integer().notNull().default(0),
  },
  (table) => [primaryKey({ columns: [table.userId, table.day] })],
);
