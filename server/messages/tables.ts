/** Messages of both sides, and the keys of sends that can be repeated. */
import { bigint, boolean, index, pgTable, primaryKey, text, timestamp } from '../migrations/drizzle.ts';
import { users } from '../accounts/tables.ts';
import { chatrooms } from '../chatrooms/tables.ts';

const moment = (name: string) => timestamp(name, { withTimezone: true, precision: 3 });

/** The tree of what was said in a room. Nothing here tells of the work of answering: that is in `replies`. */
export const messages = pgTable(
  'messages',
  {
    id: bigint({ mode: 'number' }).primaryKey().generatedAlwaysAsIdentity(),
    chatroomId: bigint('chatroom_id', { mode: 'number' })
      .notNull()
      .references(() => chatrooms.id, { onDelete: 'cascade' }),
    userId: bigint('user_id', { mode: 'number' }).notNull(),
    /** The question of a reply; of a question the reply it follows, null for a first one. */
    parentId: bigint('parent_id', { mode: 'number' }),
    isFromUser: boolean('is_from_user').notNull(),
    /** Of a reply once it is complete or cancelled; empty until then, and when it failed. */
    content: text().notNull().default(''),
    createdAt: moment('created_at').notNull().defaultNow(),
  },
  (table) => [
    index('messages_room').on(table.chatroomId, table.id),
    // The end of the path of a room is its last entry here.
    index('messages_parent').on(table.chatroomId, table.parentId, table.id),
  ],
);

/** What was answered to a send that carried an Idempotency-Key. Kept for 24 hours, also after the room is gone. */
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
