/** What happens to a file once its bytes are stored: an image is encoded again, and the text of others is found. */
import { Readable } from 'node:stream';
import type { Logger } from 'pino';
import { uploadTypes, type UploadFailure } from '../../contract/uploads.ts';
import type { Plan, Plans } from '../config/catalog.ts';
import type { Database } from '../ports/database.ts';
import type { Feed } from '../ports/feed.ts';
import { TooLarge, type Storage } from '../ports/storage.ts';
import type { WakeUps } from '../ports/wake-ups.ts';
import { discardBytes, megabyte, newKey } from './bytes.ts';
import { announceUpload, presentUpload } from './present.ts';
import {
  beginProcessing,
  completeFile,
  failFile,
  giveBackAttempt,
  type BegunFile,
  type Made,
} from './process-store.ts';
import { readInChild } from './reader.ts';
import type { FileKind, ImageFound, NotReadable, ReadTask, TextFound } from './reading/result.ts';
import { lockFiles, type FileRow } from './store.ts';
import { addPassages, type NewPassage } from './text-store.ts';

export interface ProcessDeps {
  readonly db: Database;
  readonly storage: Storage;
  readonly feed: Feed;
  readonly plans: Plans;
  readonly wakeUps: WakeUps;
  readonly log: Logger;
}

/** A worker that died may have died of the file. */
const attemptsAtMost = 3;
const limits = { withinMs: 120_000, cpuMs: 40_000, memoryMb: 512 };
const previewBytesAtMost = megabyte;

/**
 * Makes a file ready, or failed where it cannot be read by its own fault. May run twice: one of them counts. Rejects while the
 * storage or the database is unavailable; then it may be called again.
 */
export async function processFile(deps: ProcessDeps, fileId: number, signal: AbortSignal): Promise<void> {
  const file = await beginProcessing(deps.db, fileId);
  if (file === null) return;
  if (file.attempts > attemptsAtMost) return fail(deps, file, notReadable('too_complex'));
  const plan = deps.plans.of(file.tier);
  try {
    const outcome = await make(deps, file, plan, signal);
    if ('failure' in outcome) await fail(deps, file, outcome);
    else await commit(deps, file, plan, outcome);
  } catch (error) {
    await giveBackAttempt(deps.db, fileId).catch(() => {});
    throw error;
  }
}

interface Outcome {
  readonly made: Made;
  readonly passages: readonly NewPassage[];
}

/** Reads the file, and stores what is made of it under new keys. */
async function make(
  { storage }: ProcessDeps,
  file: BegunFile,
  plan: Plan,
  signal: AbortSignal,
): Promise<Outcome | NotReadable> {
  const bytes = await storage.get(file.key);
  if (bytes === null) return notReadable('damaged', 'its bytes are gone');
  const key = newKey();
  const previewKey = newKey();
  try {
    let stored = 0;
    const maxBytes = plan.uploadMb * megabyte;
    const reading = await readInChild(taskOf(file, plan), bytes, signal, async (image) => {
      stored = await storage.put(key, image, { maxBytes, signal });
    });
    if (reading.kind === 'text') return textOutcome(file, reading);
    if (reading.kind === 'image' && stored === reading.size) {
      const preview = Buffer.from(reading.preview, 'base64');
      await storage.put(previewKey, Readable.from([preview]), { maxBytes: previewBytesAtMost, signal });
      return imageOutcome(reading, { key, previewKey, previewBytes: preview.length });
    }
    await discardBytes(storage, [key]);
    return reading.kind === 'failed' ? reading : notReadable('too_complex', 'the image is not complete');
  } catch (error) {
    await discardBytes(storage, [key, previewKey]);
    if (error instanceof TooLarge) return notReadable('too_large');
    throw error;
  }
}

function notReadable(failure: UploadFailure, reason?: string): NotReadable {
  return { kind: 'failed', failure, ...(reason !== undefined && { reason }) };
}

function taskOf({ mediaType, size }: BegunFile, { uploadPages, uploadMegapixels }: Plan): ReadTask {
  const own = { pages: uploadPages, pixels: uploadMegapixels * 1_000_000 };
  return { kind: kindOf(mediaType), size, limits: { ...limits, ...own } };
}

function kindOf(mediaType: string): FileKind {
  const [word, sheets, slides] = uploadTypes.office;
  const known = { [uploadTypes.pdf[0]]: 'pdf', [word]: 'word', [sheets]: 'sheets', [slides]: 'slides' } as const;
  return known[mediaType as keyof typeof known] ?? (mediaType.startsWith('image/') ? 'image' : 'text');
}

function textOutcome({ key, size }: BegunFile, { pages, passages, cut }: TextFound): Outcome {
  const derivedBytes = passages.reduce((sum, { text }) => sum + Buffer.byteLength(text), 0);
  const made = { key, size, previewKey: null, derivedBytes, width: null, height: null, pages, textCut: cut };
  return { made, passages };
}

function imageOutcome(
  { width, height, size }: ImageFound,
  { key, previewKey, previewBytes }: { key: string; previewKey: string; previewBytes: number },
): Outcome {
  const made = { key, size, previewKey, derivedBytes: previewBytes, width, height, pages: null, textCut: false };
  return { made, passages: [] };
}

/** What this stores in vain after an error is left to the sweep, since the transaction may have been committed. */
async function commit(deps: ProcessDeps, file: BegunFile, plan: Plan, { made, passages }: Outcome): Promise<void> {
  const { db, storage } = deps;
  const row = await db.transaction(async (tx) => {
    await lockFiles(tx, file.userId);
    const completed = await completeFile(tx, file, made, plan.storageMb * megabyte);
    if (completed !== null) await addPassages(tx, file.id, passages);
    return completed;
  });
  const isNew = made.key !== file.key;
  if (row === null) {
    if (isNew) await discardBytes(storage, [made.key, made.previewKey!]);
    return fail(deps, file, notReadable('storage_full'));
  }
  tell(deps, file, row);
  if (isNew) await discardBytes(storage, [file.key]);
}

/** Does nothing if the file is gone, or another attempt was first. */
async function fail(deps: ProcessDeps, file: BegunFile, { failure, reason }: NotReadable): Promise<void> {
  const { db, storage, log } = deps;
  const row = await failFile(db, file, failure);
  if (row === null) return;
  log.info({ file_id: file.id, media_type: file.mediaType, failure, reason }, 'a file cannot be read');
  tell(deps, file, row);
  await discardBytes(storage, [file.key]);
}

/** Once it is committed: replies that wait for the file need not wait for a sweep. */
function tell({ feed, wakeUps }: ProcessDeps, { userId }: BegunFile, row: FileRow): void {
  wakeUps.wake('replies');
  announceUpload(feed, userId, presentUpload(row));
}
