/** Adds files to a message that is being written, and uploads them at once; loaded on demand. */
import type { Upload } from '../../contract/uploads.ts';
import { ApiProblem, Unreachable } from '../api/problem.ts';
import { deleteUpload, readStorage, uploadFile } from '../api/uploads.ts';
import { text } from '../languages/text.ts';
import { showToast } from '../ui/toast.tsx';
import {
  attachedFiles,
  changeAttached,
  mostFiles,
  setAttached,
  uploadedFile,
  type AttachedFile,
  type FilePlace,
} from './attached.ts';
import { forgetThumbnail, giveThumbnail, moveThumbnail } from './thumbnails.ts';

/** Uploads side by side: the server handles six requests of an account at a time. */
const atOnce = 3;
const tries = 5;
const firstWaitMs = 500;
/** Smaller files are sent without a look at the limits of the plan. */
const askFirstBytes = 1_000_000;
const megabyte = 1_000_000;

/** Bytes that are not uploaded yet, by key, and how their upload is stopped. */
const sources = new Map<string, File>();
const stops = new Map<string, AbortController>();
const queue: (() => Promise<void>)[] = [];
let running = 0;

/** Adds as many as a message can have; returns their keys. */
export function attach(place: FilePlace, files: readonly File[]): string[] {
  const room = mostFiles - attachedFiles(place).length;
  if (files.length > room) showToast({ message: text('files.too-many', { count: mostFiles }) });
  const added = files.slice(0, Math.max(0, room)).map((file): AttachedFile => {
    const key = crypto.randomUUID();
    sources.set(key, file);
    giveThumbnail(key, file);
    const { name, size, type } = file;
    return {
      key,
      name,
      size,
      media_type: type,
      state: 'waiting',
      id: null,
      progress: 0,
      problem: null,
      retryable: false,
      unused: true,
    };
  });
  setAttached(place, [...attachedFiles(place), ...added]);
  for (const { key } of added) begin(place, key);
  return added.map(({ key }) => key);
}

/** Removes a file, and stops its upload. It is deleted on the server too, unless a message may have it. */
export function detach(place: FilePlace, key: string): void {
  const file = attachedFiles(place).find((one) => one.key === key);
  stops.get(key)?.abort();
  sources.delete(key);
  forgetThumbnail(key);
  setAttached(
    place,
    attachedFiles(place).filter((one) => one.key !== key),
  );
  // The server deletes unused files in time.
  if (file?.unused && file.id !== null) void deleteUpload(file.id).catch(() => {});
}

/** Uploads a file again that was refused or not sent. */
export function retry(place: FilePlace, key: string): void {
  changeAttached(place, key, { state: 'waiting', progress: 0, problem: null });
  begin(place, key);
}

function begin(place: FilePlace, key: string): void {
  const stop = new AbortController();
  stops.set(key, stop);
  queue.push(() => upload(place, key, stop.signal));
  if (running < atOnce) void work();
}

async function work(): Promise<void> {
  running += 1;
  for (let next = queue.shift(); next; next = queue.shift()) await next();
  running -= 1;
}

/** Never throws. */
async function upload(place: FilePlace, key: string, signal: AbortSignal): Promise<void> {
  const file = sources.get(key);
  if (file === undefined || signal.aborted) return;
  try {
    const refusal = await refusalOf(file, signal);
    if (refusal !== null) return changeAttached(place, key, { state: 'stopped', ...refusal });
    finish(place, key, await uploadUntilAnswered(place, key, file, signal));
  } catch (error) {
    if (signal.aborted) return;
    const problem = error instanceof ApiProblem ? error : null;
    changeAttached(place, key, {
      state: 'stopped',
      problem: problem?.message || text('files.not-uploaded'),
      // Other refusals are about the file itself.
      retryable: problem === null || problem.status >= 500 || problem.status === 429 || problem.status === 409,
    });
  } finally {
    stops.delete(key);
  }
}

/** What the server would say about the size, before a large file is sent. Null too where the limits cannot be read. */
async function refusalOf(
  { size }: File,
  signal: AbortSignal,
): Promise<Pick<AttachedFile, 'problem' | 'retryable'> | null> {
  if (size < askFirstBytes || !navigator.onLine) return null;
  const limits = await readStorage(signal).catch(() => null);
  if (limits === null) return null;
  const { file_limit_bytes: most, limit_bytes: all, used_bytes: used } = limits;
  if (size > most)
    return { problem: text('problem.body-too-large.upload', { limit: most / megabyte }), retryable: false };
  // Files can be deleted.
  if (used + size > all) return { problem: text('problem.storage-full', { limit: all / megabyte }), retryable: true };
  return null;
}

async function uploadUntilAnswered(place: FilePlace, key: string, file: File, signal: AbortSignal): Promise<Upload> {
  for (let attempt = 1; ; attempt++) {
    if (!navigator.onLine) {
      changeAttached(place, key, { state: 'offline', progress: 0 });
      await untilOnline(signal);
    }
    changeAttached(place, key, { state: 'sending', progress: 0 });
    try {
      const onProgress = (progress: number) => changeAttached(place, key, { progress });
      return await uploadFile(file, { key, signal, onProgress });
    } catch (error) {
      if (signal.aborted || attempt === tries || !mayRepeat(error)) throw error;
      await pause(firstWaitMs * 2 ** (attempt - 1));
    }
  }
}

function mayRepeat(error: unknown): boolean {
  if (error instanceof Unreachable) return true;
  return error instanceof ApiProblem && (error.status === 503 || error.code === 'request_in_flight');
}

function untilOnline(signal: AbortSignal): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  addEventListener('online', () => resolve(), { once: true, signal });
  signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true });
  return promise;
}

function pause(ms: number): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  setTimeout(resolve, ms);
  return promise;
}

/** The key of the list item stays, so that it keeps the focus. */
function finish(place: FilePlace, key: string, done: Upload): void {
  sources.delete(key);
  moveThumbnail(key, done.id);
  changeAttached(place, key, { ...uploadedFile(done, done.status), key, unused: true });
}
