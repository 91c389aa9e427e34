/** Table of chat rooms. A room is visible to its owner only. */
import { bigint, index, pgTable, text, timestamp } from '../migrations/drizzle.ts';
import { users } from '../accounts/tables.ts';

export const chatrooms = pgTable(
  'chatrooms',
  {
    id: bigint({ mode: 'number' }).primaryKey().generatedAlwaysAsIdentity(),
    userId: bigint('user_id', { mode: 'number' })
      .notNull()
      .references(() => users.id, { onDelete: 'cascade' }),
    name: text().notNull(),
    /** The end of the current path through the tree of messages; null while the room is empty. */
    headId: bigint('head_id', { mode: 'number' }),
    createdAt: timestamp('created_at', { withTimezone: true, precision: 3 }).notNull().defaultNow(),
    /** Latest activity: created, renamed, or a message sent. */
    updatedAt: timestamp('updated_at', { withTimezone: true, precision: 3 }).notNull().defaultNow(),
  },
  (table) => [index('chatrooms_activity').on(table.userId, table.updatedAt.desc(), table.id.desc())],
);
