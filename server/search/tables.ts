/** The search index: one row a message, and how far it has come. */
import { bigint, customType, index, integer, pgTable, sql, timestamp, uuid } from '../migrations/drizzle.ts';
import { users } from '../accounts/tables.ts';
import { messages } from '../messages/tables.ts';

const tsvector = customType<{ data: string }>({ dataType: () => 'tsvector' });
const moment = (name: string) => timestamp(name, { withTimezone: true, precision: 3 });

/**
 * Terms of messages. In the index each term is preceded by account and block, so a search reads only rows of its account, and the
 * newest blocks first.
 */
export const searchEntries = pgTable(
  'search_entries',
  {
    messageId: bigint('message_id', { mode: 'number' })
      .primaryKey()
      .references(() => messages.id, { onDelete: 'cascade' }),
    userId: bigint('user_id', { mode: 'number' }).notNull(),
    chatroomId: bigint('chatroom_id', { mode: 'number' }).notNull(),
    /** Counts up every `blockSize` messages of the account. */
    block: integer().notNull(),
    terms: tsvector().notNull(),
  },
  (table) => [
    // A list of pending entries would be read from end to end by every search.
    index('search_entries_terms')
      .using('gin', sql`pollux_search_terms(${table.userId}, ${table.block}, ${table.chatroomId}, ${table.terms})`)
      .with({ fastupdate: false }),
  ],
);

/** Messages of an account that were ever indexed. */
export const searchAccounts = pgTable('search_accounts', {
  userId: bigint('user_id', { mode: 'number' })
    .primaryKey()
    .references(() => users.id, { onDelete: 'cascade' }),
  entries: bigint({ mode: 'number' }).notNull(),
});

/** One row. Messages up to `afterId` are indexed, are in `search_waiting`, or will never have text. */
export const searchProgress = pgTable('search_progress', {
  id: integer().primaryKey(),
  afterId: bigint('after_id', { mode: 'number' }).notNull(),
  /** The worker that indexes, until `heldUntil`. */
  holder: uuid(),
  heldUntil: moment('held_until').notNull().defaultNow(),
});

/** Ids whose message had no text yet, or was not committed yet, when they were passed. */
export const searchWaiting = pgTable(
  'search_waiting',
  {
    messageId: bigint('message_id', { mode: 'number' }).primaryKey(),
    since: moment('since').notNull().defaultNow(),
    checkAt: moment('check_at').notNull().defaultNow(),
  },
  (table) => [index('search_waiting_due').on(table.checkAt)],
);
