/** The file of a backup: lines of JSON in gzip, the last one a checksum of all before. */
import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream, existsSync } from 'node:fs';
import { open, rename, rm } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip, createGzip } from 'node:zlib';
import { StartRefused } from '../config/start-refused.ts';
import type { Cells, CopiedTable, Counter } from './copy-store.ts';

/** Of the format. */
const edition = 1;

export type Line =
  | {
      readonly kind: 'backup';
      readonly edition: number;
      readonly version: string;
      readonly made_at: string;
      readonly tables: readonly CopiedTable[];
    }
  | { readonly kind: 'rows'; readonly table: string; readonly rows: readonly Cells[] }
  /** Follows the rows of a table. */
  | { readonly kind: 'table'; readonly table: string; readonly rows: number; readonly sum: string }
  | { readonly kind: 'counters'; readonly counters: readonly Counter[] }
  | { readonly kind: 'secret'; readonly secret: string }
  /** Its bytes follow. */
  | { readonly kind: 'file'; readonly key: string }
  | { readonly kind: 'bytes'; readonly base64: string }
  | { readonly kind: 'file_end'; readonly key: string; readonly size: number }
  | { readonly kind: 'end'; readonly sha256: string };

export type FirstLine = Extract<Line, { kind: 'backup' }>;

export function firstLine(version: string, tables: readonly CopiedTable[]): FirstLine {
  return { kind: 'backup', edition, version, made_at: new Date().toISOString(), tables };
}

const ownerOnly = 0o600;

/**
 * Writes all lines, for the owner of the file alone. It has its name only once it is whole and on the disk. Throws `StartRefused`
 * if there is such a file already.
 */
export async function writeBackup(file: string, lines: AsyncIterable<Line>): Promise<void> {
  if (existsSync(file)) throw new StartRefused(`${file} exists already. Choose another name, or move it away.`);
  const draft = `${file}.partial`;
  await rm(draft, { force: true });
  const target = createWriteStream(draft, { mode: ownerOnly, flags: 'wx', flush: true });
  try {
    await pipeline(Readable.from(withChecksum(lines)), createGzip(), target);
    await rename(draft, file);
  } catch (error) {
    await rm(draft, { force: true });
    throw error;
  }
}

async function* withChecksum(lines: AsyncIterable<Line>): AsyncGenerator<string> {
  const hash = createHash('sha256');
  for await (const line of lines) {
    const text = `${JSON.stringify(line)}\n`;
    hash.update(text);
    yield text;
  }
  yield `${JSON.stringify({ kind: 'end', sha256: hash.digest('hex') } satisfies Line)}\n`;
}

/** The lines, without the checksum. */
export async function* readBackup(file: string): AsyncGenerator<Line> {
  const source = createReadStream(file);
  const unzipped = createGunzip();
  // Errors reach the reader of the lines through `unzipped`.
  source.once('error', (error) => unzipped.destroy(error));
  const texts = createInterface({ input: source.pipe(unzipped), crlfDelay: Infinity });
  // The interface ends without an error where its input fails.
  const failed = new Promise<never>((_, reject) => unzipped.once('error', reject));
  failed.catch(() => {});
  const hash = createHash('sha256');
  let last: Line | null = null;
  try {
    for await (const text of texts) {
      last = JSON.parse(text) as Line;
      if (last.kind === 'end') break;
      hash.update(`${text}\n`);
      yield last;
    }
  } finally {
    source.destroy();
    unzipped.destroy();
  }
  if (unzipped.errored) throw unzipped.errored;
  if (last?.kind !== 'end' || last.sha256 !== hash.digest('hex')) throw damaged(file);
}

/** Reads the whole file. Throws `StartRefused` unless it is an undamaged backup; returns its first line. */
export async function checkBackup(file: string): Promise<FirstLine> {
  await (await open(file).catch((error: unknown) => unreadable(file, error))).close();
  let first: Line | null = null;
  try {
    for await (const line of readBackup(file)) first ??= line;
  } catch (error) {
    throw error instanceof StartRefused ? error : damaged(file, error);
  }
  if (first?.kind !== 'backup' || first.edition !== edition) throw damaged(file);
  return first;
}

function damaged(file: string, cause?: unknown): StartRefused {
  return new StartRefused(`${file} is not a backup of Pollux, or it is damaged or cut off. Nothing was restored.`, {
    cause,
  });
}

function unreadable(file: string, cause: unknown): never {
  throw new StartRefused(`${file} cannot be read (${String((cause as NodeJS.ErrnoException).code)}).`, { cause });
}
