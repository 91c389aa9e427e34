/** Table of messages. */
import { bigint, boolean, index, jsonb, pgTable, text, timestamp } from '../migrations/drizzle.ts';
import { chatrooms } from '../chatrooms/tables.ts';

const moment = (name: string) => timestamp(name, { withTimezone: true, precision: 3 });

/** The tree of messages in a room. The state of generation is in `replies`. */
export const messages = pgTable(
  'messages',
  {
    id: bigint({ mode: 'number' }).primaryKey().generatedAlwaysAsIdentity(),
    chatroomId: bigint('chatroom_id', { mode: 'number' })
      .notNull()
      .references(() => chatrooms.id, { onDelete: 'cascade' }),
    userId: bigint('user_id', { mode: 'number' }).notNull(),
    /** For a reply its question; for a question the reply before it, null for the first. */
    parentId: bigint('parent_id', { mode: 'number' }),
    isFromUser: boolean('is_from_user').notNull(),
    /** For a reply set once complete or cancelled; empty before, and if it failed. */
    content: text().notNull().default(''),
    /** Id, name, media type and size of its files when it was sent; null for none. What it shows once a file is deleted. */
    attachments: jsonb(),
    createdAt: moment('created_at').notNull().defaultNow(),
  },
  (table) => [
    index('messages_room').on(table.chatroomId, table.id),
    // The end of a room's path is its last entry.
    index('messages_parent').on(table.chatroomId, table.parentId, table.id),
  ],
);
