/** Table of chat rooms. A room is visible to its owner only. */
import { nameSources } from '../../contract/chatrooms.ts';
import { bigint, boolean, index, pgTable, sql, text, timestamp } from '../migrations/drizzle.ts';
import { users } from '../accounts/tables.ts';

export const chatrooms = pgTable(
  'chatrooms',
  {
    id: bigint({ mode: 'number' }).primaryKey().generatedAlwaysAsIdentity(),
    userId: bigint('user_id', { mode: 'number' })
      .notNull()
      .references(() => users.id, { onDelete: 'cascade' }),
    name: text().notNull(),
    nameSource: text('name_source', { enum: nameSources }).notNull().default('user'),
    /** The user's instructions for this room. */
    instructions: text(),
    /** Id of the default model of its replies; null for that of the plan. */
    model: text(),
    pinned: boolean().notNull().default(false),
    archived: boolean().notNull().default(false),
    /** The newest message that the person has read; 0 = none. */
    readId: bigint('read_id', { mode: 'number' }).notNull().default(0),
    /** The end of the current path through the tree of messages; null while the room is empty. */
    headId: bigint('head_id', { mode: 'number' }),
    createdAt: timestamp('created_at', { withTimezone: true, precision: 3 }).notNull().defaultNow(),
    /** Latest activity: created, renamed, or a message sent. */
    updatedAt: timestamp('updated_at', { withTimezone: true, precision: 3 }).notNull().defaultNow(),
  },
  (table) => [
    index('chatrooms_activity').on(table.userId, table.updatedAt.desc(), table.id.desc()),
    index('chatrooms_live')
      .on(table.userId, table.updatedAt.desc(), table.id.desc())
      .where(sql`not archived`),
    index('chatrooms_archived')
      .on(table.userId, table.updatedAt.desc(), table.id.desc())
      .where(sql`archived`),
    index('chatrooms_pinned')
      .on(table.userId, table.updatedAt.desc(), table.id.desc())
      .where(sql`pinned`),
  ],
);
