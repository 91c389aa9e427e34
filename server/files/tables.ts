/** Table of uploaded files. Their bytes are in the storage. */
import { bigint, index, pgTable, sql, text, timestamp, uniqueIndex } from '../migrations/drizzle.ts';
import { users } from '../accounts/tables.ts';

export const files = pgTable(
  'files',
  {
    id: bigint({ mode: 'number' }).primaryKey().generatedAlwaysAsIdentity(),
    userId: bigint('user_id', { mode: 'number' })
      .notNull()
      .references(() => users.id, { onDelete: 'cascade' }),
    /** Where the bytes are; made by us. */
    key: text().notNull(),
    /** As it was sent. */
    name: text().notNull(),
    mediaType: text('media_type').notNull(),
    /** While it is uploading: the most that it may be. */
    size: bigint({ mode: 'number' }).notNull(),
    /** `uploading` until all bytes are stored, then `ready`. */
    status: text().notNull(),
    createdAt: timestamp('created_at', { withTimezone: true, precision: 3 }).notNull().defaultNow(),
  },
  (table) => [
    index('files_user').on(table.userId, table.id),
    uniqueIndex('files_key').on(table.key),
    index('files_age').on(table.createdAt),
    index('files_uploading')
      .on(table.createdAt)
      .where(sql`status = 'uploading'`),
  ],
);
