/**
 * The reader: a process of its own that reads one file, for it may run out of time or memory or crash. The task is its argument,
 * the file its standard input. It answers with one JSON document on descriptor 3, and then with an image on standard output.
 */
import { createWriteStream } from 'node:fs';
import { buffer } from 'node:stream/consumers';
import { finished } from 'node:stream/promises';
import { Worker } from 'node:worker_threads';
import { cannotBegin, Unreadable, type FileKind, type ReaderLimits, type Reading, type ReadTask } from './result.ts';

interface Read {
  readonly reading: Reading;
  readonly image?: Buffer;
}

type Reader = (bytes: Buffer, limits: ReaderLimits) => Promise<Read>;

const textReaders = {
  pdf: async () => (await import('./pdf.ts')).readPdf,
  word: async () => (await import('./word.ts')).readWord,
  sheets: async () => (await import('./sheets.ts')).readSheets,
  slides: async () => (await import('./slides.ts')).readSlides,
  text: async () => (await import('./text.ts')).readText,
} satisfies Record<Exclude<FileKind, 'image'>, () => Promise<unknown>>;

const { kind, size, limits } = JSON.parse(process.argv[2]!) as ReadTask;
// What is at work here may never let a timer of this thread run.
new Worker(new URL('watch.ts', import.meta.url), { workerData: limits }).unref();

const [bytes, read] = await Promise.all([buffer(process.stdin), readerFor(kind).catch(giveUp)]);
if (bytes.length !== size) giveUp(new Error('the file did not arrive completely'));
const { reading, image } = await read(bytes, limits).catch(failed);
await finished(createWriteStream('', { fd: 3 }).end(JSON.stringify(reading)));
if (image !== undefined) await written(image);
process.exit(0);

/** Loads what the kind of file needs. */
async function readerFor(wanted: FileKind): Promise<Reader> {
  if (wanted === 'image') {
    const { readImage } = await import('./image.ts');
    return async (file, bounds) => {
      const { found, bytes: whole } = await readImage(file, bounds);
      return { reading: found, image: whole };
    };
  }
  const readText = await textReaders[wanted]();
  return async (file, bounds) => ({ reading: await readText(file, bounds) });
}

/** Also what a library throws for want of a better idea. */
function failed(error: unknown): Read {
  const [failure, cause] = error instanceof Unreadable ? [error.failure, error.cause] : ['damaged' as const, error];
  return { reading: { kind: 'failed', failure, ...(cause !== undefined && { reason: reasonOf(cause) }) } };
}

function reasonOf(cause: unknown): string {
  return (cause instanceof Error ? `${cause.name}: ${cause.message}` : typeof cause).slice(0, 300);
}

/** Not the fault of the file. */
function giveUp(error: unknown): never {
  process.stderr.write(reasonOf(error));
  process.exit(cannotBegin);
}

function written(image: Buffer): Promise<void> {
  return new Promise((resolve) => void process.stdout.write(image, () => resolve()));
}
