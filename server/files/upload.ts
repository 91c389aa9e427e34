/** Stores a file: its row first, then its bytes as they come, then it is ready. */
import { randomUUID } from 'node:crypto';
import type { Readable } from 'node:stream';
import type { Plans } from '../config/catalog.ts';
import type { Logger } from 'pino';
import type { Database } from '../ports/database.ts';
import type { Feed } from '../ports/feed.ts';
import { TooLarge, type Storage } from '../ports/storage.ts';
import { notFound, ProblemError } from '../problems/problem.ts';
import { announceUpload } from './present.ts';
import { readHead } from './head.ts';
import { headBytes, mediaTypeOf, shownName } from './media-type.ts';
import { abandonFile, finishFile, insertFile, lockFiles, type FileRow } from './store.ts';

export interface FileDeps {
  readonly db: Database;
  readonly storage: Storage;
  readonly feed: Feed;
  readonly plans: Plans;
  readonly log: Logger;
}

export interface Sent {
  readonly userId: number;
  /** As the client gave it. */
  readonly name: string;
  readonly bytes: Readable;
  /** The most that the file can have by the request's length; null if that is unknown. */
  readonly declaredBytes: number | null;
}

export const megabyte = 1_000_000;

/**
 * Throws `unsupported_media_type`, `body_too_large`, `storage_full`, and `validation_failed` for an empty file; nothing of it is
 * left then. After a crash the sweep deletes what is left.
 */
export async function storeUpload(deps: FileDeps, { userId, name, bytes, declaredBytes }: Sent): Promise<FileRow> {
  const { db, storage, feed } = deps;
  const { head, whole } = await readHead(bytes, headBytes);
  if (head.length === 0)
    throw new ProblemError('validation_failed', { errors: [{ pointer: '/file', sentence: 'empty-file' }] });
  const mediaType = await mediaTypeOf(head, name);
  if (mediaType === null) throw new ProblemError('unsupported_media_type', { reason: 'upload' });
  const { id, key, maxBytes, limitMb } = await reserve(deps, {
    userId,
    name: shownName(name),
    mediaType,
    declaredBytes,
  });
  try {
    const size = await storage.put(key, whole, { maxBytes });
    const row = await finishFile(db, id, size);
    if (row === null) throw notFound();
    announceUpload(feed, userId, row);
    return row;
  } catch (error) {
    await discard(deps, id, key);
    throw error instanceof TooLarge ? tooLarge(limitMb) : error;
  }
}

interface Reserved {
  readonly id: number;
  readonly key: string;
  readonly maxBytes: number;
  readonly limitMb: number;
}

type Described = Pick<Sent, 'userId' | 'name' | 'declaredBytes'> & { readonly mediaType: string };

/** Takes the space that the file may need, so that concurrent uploads cannot exceed the account's. */
function reserve({ db, plans }: FileDeps, { userId, name, mediaType, declaredBytes }: Described): Promise<Reserved> {
  return db.transaction(async (tx) => {
    const tier = await lockFiles(tx, userId);
    if (tier === null) throw notFound();
    const { uploadMb, storageMb } = plans.of(tier);
    const maxBytes = Math.min(uploadMb * megabyte, declaredBytes ?? Infinity);
    const id = randomUUID();
    const key = `${id.slice(0, 2)}/${id}`;
    const fileId = await insertFile(
      tx,
      { userId, key, name, mediaType, reservedBytes: maxBytes },
      storageMb * megabyte,
    );
    if (fileId === null) throw new ProblemError('storage_full', { values: { limit: storageMb } });
    return { id: fileId, key, maxBytes, limitMb: uploadMb };
  });
}

/** The sweep makes up for what fails here. */
async function discard({ db, storage }: FileDeps, id: number, key: string): Promise<void> {
  await Promise.allSettled([storage.delete(key)]);
  await Promise.allSettled([abandonFile(db, id)]);
}

function tooLarge(limit: number): ProblemError {
  return new ProblemError('body_too_large', { reason: 'upload', values: { limit } });
}
