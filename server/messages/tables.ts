/** Messages, and the idempotency keys of sends. */
import { bigint, boolean, index, pgTable, primaryKey, text, timestamp } from '../migrations/drizzle.ts';
import { users } from '../accounts/tables.ts';
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
    createdAt: moment('created_at').notNull().defaultNow(),
  },
  (table) => [
    index('messages_room').on(table.chatroomId, table.id),
    // The end of a room's path is its last entry.
    index('messages_parent').on(table.chatroomId, table.parentId, table.id),
  ],
);

/** The result of a send with an Idempotency-Key. Kept for 24 hours, also after the room was deleted. */
export const idempotencyKeys = pgTable(
  'idempotency_keys',
  {
    userId: bigint('user_id', { mode: 'number' })
      .notNull()
      .references(() => users.id, { onDelete: 'cascade' }),
    key: text().notNull(),
    /** SHA-256 of room and body. */
    fingerprint: text().notNull(),
    messageId: bigint('message_id', { mode: 'number' }).notNull(),
    replyId: bigint('reply_id', { mode: 'number' }).notNull(),
    createdAt: moment('created_at').notNull().defaultNow(),
  },
  (table) => [primaryKey({ columns: [table.userId, table.key] }), index('idempotency_keys_age').on(table.createdAt)],
);
