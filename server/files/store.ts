/** SQL for files. Every statement that a person causes filters by owner. */
import type { UploadFailure, UploadStatus } from '../../contract/uploads.ts';
import type { Connection, Statement } from '../ports/database.ts';

export interface FileRow {
  readonly id: number;
  readonly key: string;
  readonly name: string;
  readonly mediaType: string;
  readonly size: number;
  readonly createdAt: Date;
  /** Rows of uploads that have not ended are read by nothing. */
  readonly status: UploadStatus;
  readonly failure: UploadFailure | null;
  /** Where its preview is; null if there is none. */
  readonly previewKey: string | null;
  /** Of an image, in pixels. */
  readonly width: number | null;
  readonly height: number | null;
  /** Pages, slides or sheets. */
  readonly pages: number | null;
  /** The text is longer than what is kept of it. */
  readonly textCut: boolean;
}

export const columns = `files.id, files.key, files.name, files.media_type as "mediaType", files.size, files.created_at as "createdAt",
  files.status, files.failure, files.preview_key as "previewKey", files.width, files.height, files.pages, files.text_cut as "textCut"`;

const lock: Statement<{ tier: string }> = {
  name: 'files_lock',
  text: `select tier from users where id = $1 and deleted_at is null for no key update`,
};

/** Makes concurrent uploads of an account wait for each other until the transaction ends; null if there is no account. */
export async function lockFiles(tx: Connection, userId: number): Promise<string | null> {
  const [row] = await tx.run(lock, [userId]);
  return row?.tier ?? null;
}

const add: Statement<{ id: number }> = {
  name: 'file_add',
  text: `insert into files (user_id, key, name, media_type, size, status)
    select $1, $2, $3, $4, $5::bigint, 'uploading'
    where $5::bigint <= $6::bigint - (
      select coalesce(sum(size + derived_bytes), 0) from files where user_id = $1 and status <> 'failed'
    )
    returning id`,
};

export interface NewFile {
  readonly userId: number;
  readonly key: string;
  readonly name: string;
  readonly mediaType: string;
  /** The most that it may be. */
  readonly reservedBytes: number;
}

/** Null if it might exceed what the account may store, which is exact only after `lockFiles` in the same transaction. */
export async function insertFile(tx: Connection, file: NewFile, accountBytes: number): Promise<number | null> {
  const { userId, key, name, mediaType, reservedBytes } = file;
  const [row] = await tx.run(add, [userId, key, name, mediaType, reservedBytes, accountBytes]);
  return row?.id ?? null;
}

const finish: Statement<FileRow> = {
  name: 'file_finish',
  text: `update files set status = $2, size = $3, derived_bytes = $4 where id = $1 and status = 'uploading'
    returning ${columns}`,
};

export interface FinishedFile {
  readonly size: number;
  readonly status: 'processing' | 'ready';
  /** Bytes of its text. */
  readonly derivedBytes: number;
}

/** Once all bytes are stored. Null if it was given up, or its account deleted, meanwhile. */
export async function finishFile(
  db: Connection,
  id: number,
  { size, status, derivedBytes }: FinishedFile,
): Promise<FileRow | null> {
  const [row] = await db.run(finish, [id, status, size, derivedBytes]);
  return row ?? null;
}

const abandon: Statement<{ id: number }> = {
  name: 'file_abandon',
  text: `delete from files where id = $1 and status = 'uploading' returning id`,
};

/** Forgets an upload that failed. False if it has ended, or is forgotten already. */
export async function abandonFile(db: Connection, id: number): Promise<boolean> {
  const rows = await db.run(abandon, [id]);
  return rows.length > 0;
}

const one: Statement<FileRow> = {
  name: 'file_one',
  text: `select ${columns} from files where id = $2 and user_id = $1 and status <> 'uploading'`,
};

export async function readFile(db: Connection, userId: number, id: number): Promise<FileRow | null> {
  const [row] = await db.run(one, [userId, id]);
  return row ?? null;
}

/** Where the bytes of a file are, and those of its preview. */
interface Keys {
  readonly keys: readonly string[];
}

const keys = 'array_remove(array[key, preview_key], null) as keys';

const remove: Statement<Keys> = {
  name: 'file_delete',
  text: `delete from files where id = $2 and user_id = $1 and status <> 'uploading' returning ${keys}`,
};

/** Where the bytes are of a file that was deleted; null if there was none. */
export async function removeFile(db: Connection, userId: number, id: number): Promise<readonly string[] | null> {
  const [row] = await db.run(remove, [userId, id]);
  return row?.keys ?? null;
}

/** Written into the statement, so that its plan can rely on it. */
export const filesAtOnce = 200;

const unused: Statement<Keys> = {
  name: 'files_unused',
  text: `delete from files where id in (
      select id from files where chatroom_id is null and created_at < now() - interval '24 hours'
      order by created_at limit ${filesAtOnce}
    ) returning ${keys}`,
};

/** Deletes files that nothing has used for a day, at most `filesAtOnce`; returns where their bytes are. */
export async function removeUnusedFiles(db: Connection): Promise<string[]> {
  return (await db.run(unused, [])).flatMap((row) => row.keys);
}

const unfinished: Statement<Keys> = {
  name: 'files_unfinished',
  text: `delete from files where id in (
      select id from files where status = 'uploading' and created_at < now() - interval '1 hour'
      order by created_at limit ${filesAtOnce}
    ) returning ${keys}`,
};

/** The same for uploads that never ended. */
export async function removeUnfinishedFiles(db: Connection): Promise<string[]> {
  return (await db.run(unfinished, [])).flatMap((row) => row.keys);
}

const orphans: Statement<{ key: string }> = {
  name: 'files_orphans',
  text: `select key from unnest($1::text[]) as stored(key)
    where not exists (select from files f where f.key = stored.key and f.status <> 'failed')
      and not exists (select from files f where f.preview_key = stored.key)`,
};

/** Those of the keys whose bytes no file has. */
export async function findOrphans(db: Connection, keys: readonly string[]): Promise<string[]> {
  return (await db.run(orphans, [keys])).map(({ key }) => key);
}

const erase: Statement<Keys> = {
  name: 'files_erase',
  text: `delete from files where id in (select id from files where user_id = $1 order by id limit $2) returning ${keys}`,
};

/** Deletes files of an account that is being erased; returns where their bytes are. */
export async function removeFilesOf(db: Connection, userId: number, atMost: number): Promise<string[]> {
  return (await db.run(erase, [userId, atMost])).flatMap((row) => row.keys);
}

const list: Statement<FileRow> = {
  name: 'files_page',
  text: `select ${columns} from files where user_id = $1 and status = 'ready' and id > $2 order by id limit $3`,
};

/** The next files of an account, by id. */
export function listFiles(db: Connection, userId: number, after: number, atMost: number): Promise<FileRow[]> {
  return db.run(list, [userId, after, atMost]);
}

const newest: Statement<FileRow> = {
  name: 'files_newest',
  text: `select ${columns} from files where user_id = $1 and status <> 'uploading' and id < $2
    order by id desc limit $3`,
};

/** The files of an account before an id, newest first. */
export function listNewestFiles(db: Connection, userId: number, before: number, atMost: number): Promise<FileRow[]> {
  return db.run(newest, [userId, before, atMost]);
}

const used: Statement<{ bytes: number }> = {
  name: 'files_used',
  text: `select coalesce(sum(size + derived_bytes), 0)::float8 as bytes from files where user_id = $1 and status <> 'failed'`,
};

/** Bytes of all files of an account with their text and previews, and what uploads under way have reserved. */
export async function readUsedBytes(db: Connection, userId: number): Promise<number> {
  const [row] = await db.run(used, [userId]);
  return row?.bytes ?? 0;
}
