/** Files in a folder that its owner alone can read. */
import { randomUUID } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { mkdir, open, readdir, rename, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import { pipeline } from 'node:stream/promises';
import { StorageUnavailable, type Storage, type StoredObject } from '../../ports/storage.ts';
import { bounded } from './bounded.ts';

/** Objects that are being written. */
const incoming = 'incoming';
const ownerOnly = { folder: 0o700, file: 0o600 };

const codeOf = (error: unknown) => (error as NodeJS.ErrnoException).code;

/** The folder is created when the first file comes. */
export function folderStorage(directory: string): Storage {
  const fileOf = (key: string) => path.join(directory, ...key.split('/'));

  async function makeFolderFor(file: string): Promise<void> {
    await mkdir(path.dirname(file), { recursive: true, mode: ownerOnly.folder });
  }

  async function* listIn(folder: string): AsyncGenerator<StoredObject> {
    const entries = await readdir(path.join(directory, folder), { withFileTypes: true }).catch(nothingIfMissing);
    for (const entry of entries) {
      const key = folder === '' ? entry.name : `${folder}/${entry.name}`;
      if (entry.isDirectory()) yield* listIn(key);
      else {
        const found = await stat(fileOf(key)).catch(() => null);
        if (found) yield { key, modifiedAt: found.mtime };
      }
    }
  }

  return {
    async put(key, body, { maxBytes, signal }) {
      const counted = bounded(maxBytes);
      const unfinished = fileOf(`${incoming}/${randomUUID()}`);
      const target = fileOf(key);
      try {
        await makeFolderFor(unfinished);
        const file = createWriteStream(unfinished, { mode: ownerOnly.file, flags: 'wx', flush: true });
        await pipeline(body, counted, file, { ...(signal && { signal }) });
        await makeFolderFor(target);
        await rename(unfinished, target);
      } catch (error) {
        await rm(unfinished, { force: true });
        throw isOfSystem(error) ? new StorageUnavailable('A file cannot be written.', { cause: error }) : error;
      }
      return counted.bytes;
    },
    async get(key, range) {
      try {
        const file = await open(fileOf(key));
        return file.createReadStream(range);
      } catch (error) {
        if (codeOf(error) === 'ENOENT') return null;
        throw new StorageUnavailable('A file cannot be read.', { cause: error });
      }
    },
    async delete(key) {
      await rm(fileOf(key), { force: true });
    },
    list: () => listIn(''),
    async [Symbol.asyncDispose]() {},
  };
}

function nothingIfMissing(error: unknown): [] {
  if (codeOf(error) === 'ENOENT') return [];
  throw error;
}

/** Of the disk, not of the stream that was to be stored. */
function isOfSystem(error: unknown): boolean {
  return (
    error instanceof Error &&
    'syscall' in error &&
    ['open', 'write', 'mkdir', 'rename', 'fsync'].includes(String(error.syscall))
  );
}
