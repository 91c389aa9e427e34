/** Table of messages charged and refunded, for each user and UTC day. */
import { bigint, date, integer, pgTable, primaryKey } from '../migrations/drizzle.ts';
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
