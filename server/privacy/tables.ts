/** Table of deleted accounts: the audit of deletions, without anything about a person. */
import { bigint, index, pgTable, sql, text, timestamp } from '../migrations/drizzle.ts';

const moment = (name: string) => timestamp(name, { withTimezone: true, precision: 3 });

export const accountDeletions = pgTable(
  'account_deletions',
  {
    id: bigint({ mode: 'number' }).primaryKey().generatedAlwaysAsIdentity(),
    requestedAt: moment('requested_at').notNull().defaultNow(),
    /** Null once everything is erased. */
    userId: bigint('user_id', { mode: 'number' }).unique(),
    erasedAt: moment('erased_at'),
    /** The payment vendor's customer; null once it is deleted there. */
    customerId: text('customer_id'),
  },
  (table) => [
    index('account_deletions_owed')
      .on(table.id)
      .where(sql`customer_id is not null`),
  ],
);
