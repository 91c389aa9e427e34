/** Small images of files: of what was chosen here at once, of others from the server. Kept as object URLs, the newest ones. */
import { useEffect, useState } from 'react';
import { ApiProblem } from '../api/problem.ts';
import { readContent, readPreview } from '../api/uploads.ts';

/** Of a file in a composer, or of one on the server. */
type Name = string | number;

const mostKept = 100;
const smallBytes = 1_000_000;
const urls = new Map<Name, string>();
const reading = new Map<number, Promise<string | null>>();

/** What every browser shows, and the server makes a preview of. */
export function isPicture(mediaType: string): boolean {
  return /^image\/(?:jpeg|png|webp|gif)$/.test(mediaType);
}

/** Shows the file itself until the server has a preview. */
export function giveThumbnail(key: string, file: File): void {
  if (isPicture(file.type)) keep(key, URL.createObjectURL(file));
}

/** The upload is done: its message shows the same image. */
export function moveThumbnail(key: string, id: number): void {
  const url = urls.get(key);
  if (url === undefined) return;
  urls.delete(key);
  keep(id, url);
}

export function forgetThumbnail(name: Name): void {
  const url = urls.get(name);
  if (url !== undefined) URL.revokeObjectURL(url);
  urls.delete(name);
}

function keep(name: Name, url: string): void {
  urls.set(name, url);
  const [oldest] = urls.keys();
  if (urls.size > mostKept && oldest !== undefined) forgetThumbnail(oldest);
}

/** A file whose image is shown. */
export interface Thumbnailed {
  readonly id: number | null;
  readonly key?: string;
  readonly size: number;
}

/** The URL of an image; null while there is none. */
export function useThumbnail({ id, key, size }: Thumbnailed): string | null {
  const known = urls.get(id ?? key ?? '') ?? null;
  const [read, setRead] = useState<string | null>(null);
  useEffect(() => {
    if (id === null || urls.has(id)) return;
    let shown = true;
    void readThumbnail(id, size).then((url) => shown && setRead(url));
    return () => void (shown = false);
  }, [id, size]);
  return known ?? read;
}

/** Null if there is none. */
async function readThumbnail(id: number, size: number): Promise<string | null> {
  const under = reading.get(id);
  if (under) return under;
  const read = readImage(id, size).then(
    (blob) => {
      keep(id, URL.createObjectURL(blob));
      return urls.get(id) ?? null;
    },
    () => null,
  );
  reading.set(id, read);
  const url = await read;
  reading.delete(id);
  return url;
}

/** The server's preview; without one the file itself, if it is small. */
async function readImage(id: number, size: number): Promise<Blob> {
  try {
    return await readPreview(id);
  } catch (error) {
    if (!(error instanceof ApiProblem && error.code === 'not_found') || size > smallBytes) throw error;
    return readContent(id);
  }
}
