/** Keeps the state of uploaded files: by the live feed, and by reading those that may have changed without an event. */
import { ApiProblem } from '../api/problem.ts';
import { readUpload } from '../api/uploads.ts';
import { text } from '../languages/text.ts';
import type { Feed } from '../live/feed.ts';
import { attachedFiles, changeAttached, type FilePlace } from './attached.ts';

/** Follows the files of a place; returns a function that stops it. */
export function followUploads(feed: Feed, place: FilePlace): () => void {
  const stopEvents = feed.onEvent((event) => {
    if (event.type === 'feed.reset') readUnfinished(place);
    if (event.type !== 'upload.updated') return;
    const { id, status, size, media_type } = event.upload;
    const file = attachedFiles(place).find((one) => one.id === id);
    if (file) changeAttached(place, file.key, { state: status, size, media_type });
  });
  const stopConnection = feed.onConnection(() => feed.connection === 'live' && readUnfinished(place));
  return () => {
    stopEvents();
    stopConnection();
  };
}

/** Reads the files of a place that are being prepared, as far as is known here; returns a function that stops it. */
export function readUnfinished(place: FilePlace): () => void {
  const stopping = new AbortController();
  for (const { key, id, state } of attachedFiles(place)) {
    if (id !== null && state === 'processing') void read(place, key, id, stopping.signal);
  }
  return () => stopping.abort();
}

async function read(place: FilePlace, key: string, id: number, signal: AbortSignal): Promise<void> {
  try {
    const { status, size, media_type } = await readUpload(id, signal);
    changeAttached(place, key, { state: status, size, media_type });
  } catch (error) {
    // It was deleted meanwhile, as unused files are after a day.
    if (!(error instanceof ApiProblem) || error.status !== 404) return;
    changeAttached(place, key, { id: null, state: 'stopped', problem: text('files.gone'), retryable: false });
  }
}
