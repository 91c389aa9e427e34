/** Deletes files that nothing uses, and bytes that no row names. */
import type { Logger } from 'pino';
import type { Database } from '../ports/database.ts';
import type { Storage } from '../ports/storage.ts';
import { filesAtOnce, findOrphans, removeFilesOf, removeUnfinishedFiles, removeUnusedFiles } from './store.ts';

export interface SweepDeps {
  readonly db: Database;
  readonly storage: Storage;
}

/** Bytes are stored after their row, so that only an interrupted deletion or upload leaves some; younger ones may be on their way. */
const orphanAgeMs = 60 * 60_000;

/** Deletes files that nothing has used for a day, and uploads that never ended. */
export async function sweepStale({ db, storage }: SweepDeps, signal: AbortSignal): Promise<void> {
  for (const remove of [removeUnusedFiles, removeUnfinishedFiles]) {
    for (let keys = await remove(db); keys.length > 0; keys = await remove(db)) {
      await deleteAll(storage, keys);
      signal.throwIfAborted();
    }
  }
}

/** Deletes stored bytes without a row that are older than an hour. */
export async function sweepOrphans({ db, storage }: SweepDeps, signal: AbortSignal, nowMs = Date.now()): Promise<void> {
  let batch: string[] = [];
  const flush = async () => {
    await deleteAll(storage, await findOrphans(db, batch));
    batch = [];
  };
  for await (const { key, modifiedAt } of storage.list()) {
    signal.throwIfAborted();
    if (nowMs - modifiedAt.getTime() > orphanAgeMs) batch.push(key);
    if (batch.length >= filesAtOnce) await flush();
  }
  if (batch.length > 0) await flush();
}

/** Deletes all files of an account. Rejects while the storage is unavailable; then it may be called again. */
export async function eraseFiles({ db, storage }: SweepDeps, userId: number, signal: AbortSignal): Promise<void> {
  for (;;) {
    const keys = await removeFilesOf(db, userId, filesAtOnce);
    if (keys.length === 0) return;
    await deleteAll(storage, keys);
    signal.throwIfAborted();
  }
}

/** Returns a function that deletes bytes whose rows are gone, in the background; the sweep makes up for what fails. */
export function bytesRemover({ storage, log }: Pick<SweepDeps, 'storage'> & { readonly log: Logger }) {
  return (keys: readonly string[]): void => {
    deleteAll(storage, keys).catch((error: unknown) => log.warn({ err: error }, 'cannot delete the bytes of files'));
  };
}

async function deleteAll(storage: Storage, keys: readonly string[]): Promise<void> {
  for (const key of keys) await storage.delete(key);
}
