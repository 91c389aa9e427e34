/** Tables of uploaded files. Their bytes are in the storage. */
import {
  bigint,
  boolean,
  customType,
  index,
  integer,
  pgTable,
  primaryKey,
  sql,
  text,
  timestamp,
  uniqueIndex,
} from '../migrations/drizzle.ts';
import { users } from '../accounts/tables.ts';
import { chatrooms } from '../chatrooms/tables.ts';

const tsvector = customType<{ data: string }>({ dataType: () => 'tsvector' });

export const files = pgTable(
  'files',
  {
    id: bigint({ mode: 'number' }).primaryKey().generatedAlwaysAsIdentity(),
    userId: bigint('user_id', { mode: 'number' })
      .notNull()
      .references(() => users.id, { onDelete: 'cascade' }),
    /** Where the bytes are; made by us. A failed file has none. */
    key: text().notNull(),
    /** As it was sent. */
    name: text().notNull(),
    mediaType: text('media_type').notNull(),
    /** While it is uploading: the most that it may be. */
    size: bigint({ mode: 'number' }).notNull(),
    /** `uploading` until all bytes are stored, `processing` until a job has read them, then `ready` or `failed`. */
    status: text().notNull(),
    /** Why it failed: a code of the contract. */
    failure: text(),
    /** Where the bytes of the preview are. */
    previewKey: text('preview_key'),
    /** Bytes of text and preview, which count as stored. */
    derivedBytes: bigint('derived_bytes', { mode: 'number' }).notNull().default(0),
    /** Of an image, in pixels. */
    width: integer(),
    height: integer(),
    /** Pages, slides or sheets. */
    pages: integer(),
    /** The text is longer than what is kept of it. */
    textCut: boolean('text_cut').notNull().default(false),
    /** Attempts to read it whose outcome is unknown. */
    attempts: integer().notNull().default(0),
    /** The place of the messages that it stands on: their room and parent. No room while nothing uses it. */
    chatroomId: bigint('chatroom_id', { mode: 'number' }).references(() => chatrooms.id, { onDelete: 'cascade' }),
    parentId: bigint('parent_id', { mode: 'number' }),
    createdAt: timestamp('created_at', { withTimezone: true, precision: 3 }).notNull().defaultNow(),
  },
  (table) => [
    index('files_user').on(table.userId, table.id),
    uniqueIndex('files_key').on(table.key),
    uniqueIndex('files_preview').on(table.previewKey),
    index('files_age')
      .on(table.createdAt)
      .where(sql`chatroom_id is null`),
    index('files_room')
      .on(table.chatroomId)
      .where(sql`chatroom_id is not null`),
    index('files_uploading')
      .on(table.createdAt)
      .where(sql`status = 'uploading'`),
    index('files_processing')
      .on(table.createdAt)
      .where(sql`status = 'processing'`),
  ],
);

/** The text of files in passages of about equal length. */
export const fileTexts = pgTable(
  'file_texts',
  {
    fileId: bigint('file_id', { mode: 'number' })
      .notNull()
      .references(() => files.id, { onDelete: 'cascade' }),
    /** Its place in the file, from 1. */
    passage: integer().notNull(),
    /** Page, slide or sheet on which it begins, from 1; null where the file has none. */
    page: integer(),
    text: text().notNull(),
    /** Terms as in the search of messages. */
    terms: tsvector().notNull(),
  },
  (table) => [primaryKey({ columns: [table.fileId, table.passage] })],
);
