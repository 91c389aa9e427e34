/** Stores a file: its row first, then its bytes as they come; then it is ready, or a job reads it. */
import { Writable, type Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Logger } from 'pino';
import { createUpload, type Upload } from '../../contract/uploads.ts';
import { inFlight, isKnownKey, onceIn, type Once } from '../accounts/once.ts';
import type { Plans } from '../config/catalog.ts';
import type { RequestKey } from '../http/serve.ts';
import type { Jobs } from '../jobs/job.ts';
import type { Connection, Database } from '../ports/database.ts';
import type { Feed } from '../ports/feed.ts';
import { TooLarge, type Storage } from '../ports/storage.ts';
import { notFound, ProblemError } from '../problems/problem.ts';
import { discardBytes, megabyte, newKey } from './bytes.ts';
import { readHead } from './head.ts';
import { fileProcessing } from './job-kind.ts';
import { headBytes, mediaTypeOf, shownName } from './media-type.ts';
import { observer, type Observer } from './observe.ts';
import { pixelsOf, type Pixels } from './pixels.ts';
import { announceUpload, presentUpload } from './present.ts';
import { readText } from './reading/text.ts';
import { abandonFile, finishFile, insertFile, lockFiles, type FileRow } from './store.ts';
import { addPassages, type NewPassage } from './text-store.ts';

export interface FileDeps {
  readonly db: Database;
  readonly jobs: Jobs;
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
  /** The `Idempotency-Key`. */
  readonly key: string | null;
}

/**
 * Throws `unsupported_media_type`, `body_too_large`, `storage_full`, and `validation_failed` for an empty file or an image of too
 * many pixels; nothing of it is left then. After a crash the sweep deletes what is left.
 */
export async function storeUpload(deps: FileDeps, sent: Sent): Promise<Once<Upload>> {
  const { db, storage, feed } = deps;
  const { userId, name, key } = sent;
  const { head, isAll, whole } = await readHead(sent.bytes, headBytes);
  const described = await describe(name, head);
  const isText = described.mediaType.startsWith('text/');
  const seen = observer(key, [createUpload.operationId, name], isText);
  // A repeat takes no space.
  if (key !== null && (await isKnownKey(db, userId, key))) return replay(db, userId, whole(seen.observe), seen);
  const reserved = await reserve(deps, sent, described);
  try {
    const size = await storage.put(reserved.key, whole(seen.observe), { maxBytes: reserved.maxBytes });
    seen.end();
    const shortText = isText && isAll ? head : null;
    const outcome = await finish(deps, { ...reserved, userId, size, shortText, requestKey: seen.requestKey() });
    if (outcome.replayed) await discard(deps, reserved);
    else announceUpload(feed, userId, outcome.created);
    return outcome;
  } catch (error) {
    await discard(deps, reserved);
    throw error instanceof TooLarge ? tooLarge(reserved.limitMb) : error;
  }
}

interface Described {
  readonly shown: string;
  readonly mediaType: string;
  readonly pixels: Pixels | null;
}

async function describe(name: string, head: Buffer): Promise<Described> {
  if (head.length === 0) throw invalid('empty-file');
  const mediaType = await mediaTypeOf(head, name);
  if (mediaType === null) throw new ProblemError('unsupported_media_type', { reason: 'upload' });
  return { shown: shownName(name), mediaType, pixels: pixelsOf(mediaType, head) };
}

/** Reads the body to its end, since all of it is compared. Throws `idempotency_key_reused`. */
async function replay(db: Database, userId: number, bytes: Readable, seen: Observer): Promise<Once<Upload>> {
  const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() });
  await pipeline(bytes, nowhere);
  return db.transaction((tx) =>
    onceIn<Upload>(tx, userId, seen.requestKey(), () => {
      // The key has expired since it was found.
      throw inFlight();
    }),
  );
}

interface Reserved {
  readonly id: number;
  readonly key: string;
  readonly mediaType: string;
  readonly maxBytes: number;
  readonly limitMb: number;
}

/** Takes the space that the file may need, so that concurrent uploads cannot exceed the account's. */
function reserve(
  { db, plans }: FileDeps,
  { userId, declaredBytes }: Sent,
  { shown, mediaType, pixels }: Described,
): Promise<Reserved> {
  return db.transaction(async (tx) => {
    const tier = await lockFiles(tx, userId);
    if (tier === null) throw notFound();
    const { uploadMb, storageMb, uploadMegapixels } = plans.of(tier);
    if (pixels !== null && pixels.width * pixels.height > uploadMegapixels * 1_000_000)
      throw invalid('too-many-pixels', { limit: uploadMegapixels });
    const maxBytes = Math.min(uploadMb * megabyte, declaredBytes ?? Infinity);
    const key = newKey();
    const file = { userId, key, name: shown, mediaType, reservedBytes: maxBytes };
    const id = await insertFile(tx, file, storageMb * megabyte);
    if (id === null) throw new ProblemError('storage_full', { values: { limit: storageMb } });
    return { id, key, mediaType, maxBytes, limitMb: uploadMb };
  });
}

interface Stored extends Pick<Reserved, 'id' | 'mediaType'> {
  readonly userId: number;
  readonly size: number;
  /** The bytes of a text that is not worth a job. */
  readonly shortText: Buffer | null;
  readonly requestKey: RequestKey | null;
}

/** Images of this type are kept as they come. */
const unread = 'image/heic';

/** In one transaction: the row, its key, and either its text or the job that reads it. */
function finish({ db, jobs }: FileDeps, file: Stored): Promise<Once<Upload>> {
  const { userId, requestKey, shortText, mediaType } = file;
  const once = (tx: Connection, create: () => Promise<FileRow>) =>
    onceIn(tx, userId, requestKey, async () => presentUpload(await create()));
  if (shortText !== null || mediaType === unread) {
    const passages = shortText === null ? [] : readText(shortText).passages;
    return db.transaction((tx) => once(tx, () => finishReady(tx, file, passages)));
  }
  return jobs.transaction([fileProcessing], (tx, send) =>
    once(tx, async () => {
      const row = await finishFile(tx, file.id, { size: file.size, status: 'processing', derivedBytes: 0 });
      if (row === null) throw notFound();
      await send(fileProcessing, { fileId: file.id });
      return row;
    }),
  );
}

async function finishReady(tx: Connection, { id, size }: Stored, passages: readonly NewPassage[]): Promise<FileRow> {
  const derivedBytes = passages.reduce((sum, { text }) => sum + Buffer.byteLength(text), 0);
  const row = await finishFile(tx, id, { size, status: 'ready', derivedBytes });
  if (row === null) throw notFound();
  await addPassages(tx, id, passages);
  return row;
}

/** The bytes go only with the row: it may have been finished by a transaction whose end was not heard of. */
async function discard({ db, storage }: FileDeps, { id, key }: Reserved): Promise<void> {
  const isGone = await abandonFile(db, id).catch(() => false);
  if (isGone) await discardBytes(storage, [key]);
}

function tooLarge(limit: number): ProblemError {
  return new ProblemError('body_too_large', { reason: 'upload', values: { limit } });
}

function invalid(sentence: string, values?: Readonly<Record<string, number>>): ProblemError {
  return new ProblemError('validation_failed', { errors: [{ pointer: '/file', sentence, ...(values && { values }) }] });
}
