/**
 * How a command asks the server that runs on an embedded database to take up a catalog: by a file in its folder, since that server
 * alone can open the database. The server answers by another file.
 */
import { randomUUID } from 'node:crypto';
import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { StartRefused } from './start-refused.ts';

interface Request {
  readonly id: string;
  /** The text of the catalog. */
  readonly text: string;
}

interface Answer {
  readonly id: string;
  /** Null if it was taken up. */
  readonly refused: string | null;
}

const requestIn = (dataDir: string) => path.join(dataDir, 'catalog-request.json');
const answerIn = (dataDir: string) => path.join(dataDir, 'catalog-answer.json');

const lookEveryMs = 50;
const giveUpAfterMs = 20_000;

/** Asks the server, and waits for its answer. Throws `StartRefused` with its reason, or if it does not answer. */
export async function requestReload(dataDir: string, text: string, giveUpMs = giveUpAfterMs): Promise<void> {
  const id = randomUUID();
  write(requestIn(dataDir), { id, text } satisfies Request);
  const giveUpAt = Date.now() + giveUpMs;
  for (;;) {
    const answer = read(answerIn(dataDir)) as Answer | null;
    if (answer?.id === id) {
      rmSync(answerIn(dataDir), { force: true });
      if (answer.refused !== null) throw new StartRefused(answer.refused);
      return;
    }
    if (Date.now() > giveUpAt) {
      rmSync(requestIn(dataDir), { force: true });
      throw new StartRefused('The server did not answer. See its log, and reload again.');
    }
    await delay(lookEveryMs);
  }
}

/** Answers a request, if there is one. `takeUp` throws `StartRefused` for a catalog that cannot come into force. */
export async function answerReload(dataDir: string, takeUp: (text: string) => Promise<void>): Promise<void> {
  const request = read(requestIn(dataDir)) as Request | null;
  if (request === null) return;
  rmSync(requestIn(dataDir), { force: true });
  let refused: string | null = null;
  try {
    await takeUp(request.text);
  } catch (error) {
    refused = error instanceof StartRefused ? error.message : 'The server failed to take it up; see its log.';
    if (!(error instanceof StartRefused)) throw error;
  } finally {
    write(answerIn(dataDir), { id: request.id, refused } satisfies Answer);
  }
}

/** Deletes what a server or a command left that ended before its answer. */
export function dropReload(dataDir: string): void {
  for (const file of [requestIn(dataDir), answerIn(dataDir)]) rmSync(file, { force: true });
}

/** Readers never see half of it. */
function write(file: string, content: unknown): void {
  const half = `${file}.${process.pid}`;
  writeFileSync(half, JSON.stringify(content), { mode: 0o600 });
  renameSync(half, file);
}

function read(file: string): unknown {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
}
