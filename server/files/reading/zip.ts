/** Reads some entries of a zip archive, with bounds on how many there are and on what they inflate to. */
import { once } from 'node:events';
import { pipeline } from 'node:stream/promises';
import { promisify } from 'node:util';
import { Writable } from 'node:stream';
import { fromBuffer, type Entry, type ZipFile } from 'yauzl';
import { Unreadable } from './result.ts';

const entriesAtMost = 10_000;
/** Of all entries that are read. */
const inflatedBytesAtMost = 128 * 1024 * 1024;

export interface Archive {
  readonly names: ReadonlySet<string>;
  /** Hands the entry to `take` piece by piece; nothing if there is none. Throws `Unreadable`. */
  read(name: string, take: (text: string) => void): Promise<void>;
}

/** Throws `Unreadable`. */
export async function openArchive(bytes: Buffer): Promise<Archive> {
  const zip = await open(bytes);
  if (zip.entryCount > entriesAtMost) throw new Unreadable('too_complex');
  const entries = await entriesOf(zip);
  let left = inflatedBytesAtMost;
  return {
    names: new Set(entries.keys()),
    async read(name, take) {
      const entry = entries.get(name);
      if (entry === undefined) return;
      if (entry.isEncrypted()) throw new Unreadable('protected');
      left -= entry.uncompressedSize;
      if (left < 0) throw new Unreadable('too_complex');
      await readEntry(zip, entry, take);
    },
  };
}

async function open(bytes: Buffer): Promise<ZipFile> {
  try {
    // It ends the stream of an entry that is larger than it says.
    return await promisify<Buffer, object, ZipFile>(fromBuffer)(bytes, { lazyEntries: true, validateEntrySizes: true });
  } catch {
    throw new Unreadable('damaged');
  }
}

async function entriesOf(zip: ZipFile): Promise<Map<string, Entry>> {
  const entries = new Map<string, Entry>();
  zip.on('entry', (entry: Entry) => {
    if (!entries.has(entry.fileName)) entries.set(entry.fileName, entry);
    zip.readEntry();
  });
  zip.readEntry();
  await once(zip, 'end').catch(damaged);
  return entries;
}

async function readEntry(zip: ZipFile, entry: Entry, take: (text: string) => void): Promise<void> {
  const decoder = new TextDecoder();
  const sink = new Writable({
    write(chunk: Buffer, _encoding, done) {
      try {
        take(decoder.decode(chunk, { stream: true }));
        done();
      } catch (error) {
        done(error as Error);
      }
    },
  });
  try {
    await pipeline(await promisify(zip.openReadStream.bind(zip) as OpenStream)(entry), sink);
  } catch (error) {
    throw error instanceof Unreadable ? error : new Unreadable('damaged');
  }
}

type OpenStream = (entry: Entry, done: (error: Error | null, stream: NodeJS.ReadableStream) => void) => void;

function damaged(): never {
  throw new Unreadable('damaged');
}
