/** Memories of an account, and its settings. */
import { bigint, boolean, index, jsonb, pgTable, text, timestamp } from '../migrations/drizzle.ts';
import { users } from '../accounts/tables.ts';

export const memories = pgTable(
  'memories',
  {
    id: bigint({ mode: 'number' }).primaryKey().generatedAlwaysAsIdentity(),
    userId: bigint('user_id', { mode: 'number' })
      .notNull()
      .references(() => users.id, { onDelete: 'cascade' }),
    content: text().notNull(),
    createdAt: timestamp('created_at', { withTimezone: true, precision: 3 }).notNull().defaultNow(),
  },
  (table) => [index('memories_user').on(table.userId, table.id)],
);

/** No row until something is changed. */
export const userSettings = pgTable('user_settings', {
  userId: bigint('user_id', { mode: 'number' })
    .primaryKey()
    .references(() => users.id, { onDelete: 'cascade' }),
  instructions: text(),
  memoryEnabled: boolean('memory_enabled').notNull().default(true),
  /** BCP 47; null follows the device. */
  language: text(),
  /** Hours without push messages, as the contract has them. */
  pushQuiet: jsonb('push_quiet'),
});
