/** SQL for the processing of files. Every change expects the state and the bytes that it was made for. */
import type { UploadFailure } from '../../contract/uploads.ts';
import type { Connection, Statement } from '../ports/database.ts';
import { columns, type FileRow } from './store.ts';

export interface BegunFile extends FileRow {
  readonly userId: number;
  readonly tier: string;
  /** This one included. */
  readonly attempts: number;
}

const begin: Statement<BegunFile> = {
  name: 'file_begin',
  text: `update files set attempts = attempts + 1 from users u
    where files.id = $1 and files.status = 'processing' and u.id = files.user_id and u.deleted_at is null
    returning ${columns}, files.user_id as "userId", u.tier, files.attempts`,
};

/** Counts an attempt; null for a file that needs none, or that is being deleted. */
export async function beginProcessing(db: Connection, id: number): Promise<BegunFile | null> {
  const [row] = await db.run(begin, [id]);
  return row ?? null;
}

const giveBack: Statement<never> = {
  name: 'file_give_back',
  text: `update files set attempts = greatest(attempts - 1, 0) where id = $1 and status = 'processing'`,
};

/** For an attempt that ended without an outcome, for a known reason. */
export async function giveBackAttempt(db: Connection, id: number): Promise<void> {
  await db.run(giveBack, [id]);
}

/** What was made of a file. */
export interface Made {
  readonly key: string;
  readonly size: number;
  readonly previewKey: string | null;
  readonly derivedBytes: number;
  readonly width: number | null;
  readonly height: number | null;
  readonly pages: number | null;
  readonly textCut: boolean;
}

const complete: Statement<FileRow> = {
  name: 'file_complete',
  text: `update files set status = 'ready', key = $3, size = $4::bigint, preview_key = $5, derived_bytes = $6::bigint,
      width = $7, height = $8, pages = $9, text_cut = $10
    where id = $1 and key = $2 and status = 'processing' and $4::bigint + $6::bigint <= $11::bigint - (
      select coalesce(sum(other.size + other.derived_bytes), 0) from files other
      where other.user_id = files.user_id and other.id <> files.id and other.status <> 'failed'
    ) returning ${columns}`,
};

/**
 * Makes a file ready. Null if it is gone, or another attempt was first, or the account would store more than `accountBytes`, which
 * is exact only after `lockFiles` in the same transaction.
 */
export async function completeFile(
  tx: Connection,
  { id, key }: Pick<FileRow, 'id' | 'key'>,
  made: Made,
  accountBytes: number,
): Promise<FileRow | null> {
  const { size, previewKey, derivedBytes, width, height, pages, textCut } = made;
  const values = [id, key, made.key, size, previewKey, derivedBytes, width, height, pages, textCut, accountBytes];
  const [row] = await tx.run(complete, values);
  return row ?? null;
}

const fail: Statement<FileRow> = {
  name: 'file_fail',
  text: `update files set status = 'failed', failure = $3 where id = $1 and key = $2 and status = 'processing'
    returning ${columns}`,
};

/** Null if it is gone, or another attempt was first. The caller deletes the bytes. */
export async function failFile(
  db: Connection,
  { id, key }: Pick<FileRow, 'id' | 'key'>,
  failure: UploadFailure,
): Promise<FileRow | null> {
  const [row] = await db.run(fail, [id, key, failure]);
  return row ?? null;
}

const lost: Statement<{ id: number }> = {
  name: 'files_unprocessed',
  text: `select id from files where status = 'processing' and created_at < now() - interval '1 minute'
    order by created_at limit $1`,
};

/** Files whose processing takes long, or whose job was lost. */
export function findUnprocessed(db: Connection, atMost: number): Promise<{ id: number }[]> {
  return db.run(lost, [atMost]);
}
