/** Starts a reader for one file, hands it the bytes and takes what it found. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { realpathSync } from 'node:fs';
import { PassThrough, type Readable, type Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { fileURLToPath } from 'node:url';
import { cannotBegin, type Reading, type ReadTask } from './reading/result.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));
const program = fileURLToPath(new URL('reading/main.ts', import.meta.url));
/** What it loads; nothing that people or operators have stored. A symbolic link is read too. */
const readable = ['node_modules', 'server', 'package.json']
  .flatMap((name) => [`${root}${name}`, realpathSync(`${root}${name}`)])
  .map((place) => `--allow-fs-read=${place}`);

/** Text, its terms and a preview, as JSON. */
const answerBytesAtMost = 32 * 1024 * 1024;
const reasonBytesAtMost = 10_000;
/** The reader ends itself first. */
const marginMs = 2000;

/**
 * Reads a file in a process that can reach nothing but its bytes. `takeImage` stores the image that was made of one; what it has
 * stored counts only if an image is returned. Rejects where it is not the file's fault: with the error of `bytes` or `takeImage`,
 * when `signal` aborts, and when the reader cannot begin.
 */
export async function readInChild(
  task: ReadTask,
  bytes: Readable,
  signal: AbortSignal,
  takeImage: (image: Readable) => Promise<void>,
): Promise<Reading> {
  const child = startReader(task);
  const [stdin, stdout, stderr, answers] = child.stdio as unknown as [Writable, Readable, Readable, Readable];
  const exited = once(child, 'exit') as Promise<[code: number | null, signal: string | null]>;
  exited.catch(() => {});
  const kill = () => void child.kill('SIGKILL');
  const timer = setTimeout(kill, task.limits.withinMs + marginMs);
  signal.addEventListener('abort', kill, { once: true });
  if (signal.aborted) kill();
  try {
    // Node drops what nobody reads when the process exits.
    const image = stdout.pipe(new PassThrough());
    const reason = textOf(stderr, reasonBytesAtMost);
    // Its end is told by the process, which may not read everything.
    const sent = pipeline(bytes, stdin).catch((error: unknown) => {
      kill();
      if (!isOfPipe(error)) throw error;
    });
    const [answer] = await Promise.all([textOf(answers, answerBytesAtMost), sent]);
    const reading = readingOf(answer);
    if (reading?.kind === 'image') await takeImage(image);
    const [code] = await exited;
    signal.throwIfAborted();
    if (code === cannotBegin) throw new Error(`the reader of files cannot begin: ${await reason}`);
    // Otherwise ended by its limits, by the system for want of memory, or by a fault in what it loads.
    return code === 0 && reading !== null ? reading : { kind: 'failed', failure: 'too_complex' };
  } finally {
    kill();
    clearTimeout(timer);
    signal.removeEventListener('abort', kill);
  }
}

function startReader(task: ReadTask) {
  const { memoryMb } = task.limits;
  const flags = ['--permission', '--allow-addons', '--allow-worker', ...readable, `--max-old-space-size=${memoryMb}`];
  return spawn(process.execPath, [...flags, program, JSON.stringify(task)], {
    cwd: root,
    // One arena, since memory that the system's allocator keeps would count. Intermediate images stay in memory.
    env: { MALLOC_ARENA_MAX: '1', VIPS_DISC_THRESHOLD: `${memoryMb * 2}m`, NODE_NO_WARNINGS: '1' },
    stdio: ['pipe', 'pipe', 'pipe', 'pipe'],
  });
}

async function textOf(stream: Readable, bytesAtMost: number): Promise<string> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of stream as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length > bytesAtMost) break;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString();
}

/** Null for an answer that is not complete. */
function readingOf(answer: string): Reading | null {
  try {
    return JSON.parse(answer) as Reading;
  } catch {
    return null;
  }
}

/** The reader is gone. */
function isOfPipe(error: unknown): boolean {
  return ['EPIPE', 'ECONNRESET', 'ERR_STREAM_PREMATURE_CLOSE'].includes((error as NodeJS.ErrnoException).code ?? '');
}
