/** Table of shared chats. */
import { bigint, index, pgTable, text, timestamp } from '../migrations/drizzle.ts';
import { chatrooms } from '../chatrooms/tables.ts';

export const shares = pgTable(
  'shares',
  {
    id: bigint({ mode: 'number' }).primaryKey().generatedAlwaysAsIdentity(),
    chatroomId: bigint('chatroom_id', { mode: 'number' })
      .notNull()
      .references(() => chatrooms.id, { onDelete: 'cascade' }),
    /** The half of the link's token that finds the row; the other half is derived from the secret and not stored. */
    handle: text().notNull().unique(),
    /** Name of the room when it was shared. */
    name: text().notNull(),
    /** The frozen messages: a JSON array of `SharedMessage`. */
    messages: text().notNull(),
    createdAt: timestamp('created_at', { withTimezone: true, precision: 3 }).notNull().defaultNow(),
  },
  (table) => [index('shares_room').on(table.chatroomId, table.id)],
);
