/** Exports an account as a zip archive, page by page: as much is read as the client takes. */
import { Readable } from 'node:stream';
import { makeZip } from 'client-zip';
import { signInRequired } from '../accounts/authenticate.ts';
import { listLiveSessions } from '../accounts/session-store.ts';
import { takeOrRefuse } from '../accounts/take-or-refuse.ts';
import { readRoom } from '../chatrooms/store.ts';
import { listFiles } from '../files/store.ts';
import { safeName } from '../http/file-name.ts';
import { listMemories, readSettings } from '../memories/store.ts';
import { listSubscriptions } from '../push/store.ts';
import { exportJson, exportMarkdown } from '../messages/export.ts';
import type { Connection } from '../ports/database.ts';
import type { Storage } from '../ports/storage.ts';
import type { Limits } from '../ports/limits.ts';
import { ProblemError } from '../problems/problem.ts';
import { listExportedRooms, readExportedAccount, readNextShare, type ExportedShare } from './export-store.ts';

export interface ExportDeps {
  readonly db: Connection;
  readonly storage: Storage;
}

const filesAtOnce = 100;
const exportsDaily = 3;
const dayMs = 24 * 60 * 60 * 1000;

/** Counts an export. Throws `too_many_requests` after three on a UTC day, and `service_unavailable` if they cannot be counted. */
export async function admitExport(limits: Limits, userId: number, nowMs = Date.now()): Promise<void> {
  const windowMs = dayMs - (nowMs % dayMs);
  const day = Math.floor(nowMs / dayMs);
  const verdict = await takeOrRefuse(limits, [{ key: `export:${userId}:${day}`, limit: exportsDaily, windowMs }]);
  if (verdict.allowed) return;
  const values = { count: Math.max(1, Math.ceil(windowMs / 60_000)) };
  throw new ProblemError('too_many_requests', { reason: 'exports', values, retryAfterMs: windowMs });
}

/**
 * The bytes of the archive. They end with an error if the account or the room being read is deleted meanwhile. Throws
 * `unauthorized` if the account is deleted already.
 */
export async function exportAccount({ db, storage }: ExportDeps, userId: number): Promise<Readable> {
  const account = JSON.stringify(await describeAccount(db, userId), null, 2);
  return Readable.fromWeb(makeZip(entries({ db, storage }, userId, account)), { highWaterMark: 1 });
}

async function describeAccount(db: Connection, userId: number): Promise<object> {
  const account = await readExportedAccount(db, userId);
  if (account === null) throw signInRequired();
  const [settings, memories, sessions, subscriptions] = await Promise.all([
    readSettings(db, userId),
    listMemories(db, userId),
    listLiveSessions(db, userId),
    listSubscriptions(db, userId),
  ]);
  return {
    exported_at: new Date(),
    ...account,
    settings,
    memories,
    sessions: sessions.map(({ id, userAgent, createdAt, lastUsedAt }) => ({
      id,
      user_agent: userAgent,
      created_at: createdAt,
      last_used_at: lastUsedAt,
    })),
    push_subscriptions: subscriptions.map(({ id, endpoint, createdAt }) => ({
      id,
      host: new URL(endpoint).host,
      created_at: createdAt,
    })),
  };
}

interface Entry {
  readonly name: string;
  readonly lastModified: Date;
  readonly input: string | AsyncIterable<string | Uint8Array>;
}

async function* entries({ db, storage }: ExportDeps, userId: number, account: string): AsyncGenerator<Entry> {
  yield { name: 'account.json', lastModified: new Date(), input: account };
  let after = 0;
  for (;;) {
    const ids = await listExportedRooms(db, userId, after);
    if (ids === null) throw new Error('the account was deleted during its export');
    if (ids.length === 0) break;
    for (const id of ids) yield* entriesOfRoom(db, userId, id);
    after = ids.at(-1)!;
  }
  yield* entriesOfFiles({ db, storage }, userId);
}

/** Uploaded files, named by their ids; one that is deleted meanwhile is left out. */
async function* entriesOfFiles({ db, storage }: ExportDeps, userId: number): AsyncGenerator<Entry> {
  for (let after = 0; ;) {
    const page = await listFiles(db, userId, after, filesAtOnce);
    for (const { id, key, name, createdAt } of page) {
      const input = await storage.get(key);
      if (input !== null) yield { name: `files/${id}-${safeName(name, 'file')}`, lastModified: createdAt, input };
      after = id;
    }
    if (page.length < filesAtOnce) return;
  }
}

/** Files of a room in a folder named by its id; none if it is deleted already. */
async function* entriesOfRoom(db: Connection, userId: number, roomId: number): AsyncGenerator<Entry> {
  const room = await readRoom(db, userId, roomId);
  if (room === null) return;
  const file = (name: string, input: Entry['input']) => ({
    name: `rooms/${room.id}/${name}`,
    lastModified: room.updatedAt,
    input,
  });
  yield file('room.json', exportJson(db, { userId, room }));
  yield file('room.md', exportMarkdown(db, { userId, room }));
  const share = await readNextShare(db, { userId, roomId, after: 0 });
  if (share !== null) yield file('shares.json', exportShares(db, { userId, roomId, first: share }));
}

async function* exportShares(
  db: Connection,
  { userId, roomId, first }: { userId: number; roomId: number; first: ExportedShare },
): AsyncGenerator<string> {
  let share: ExportedShare | null = first;
  for (let before = '['; share !== null; before = ',') {
    const { id, name, createdAt, messages } = share;
    const head = JSON.stringify({ id, name, created_at: createdAt }).slice(0, -1);
    yield `${before}\n${head},"messages":${messages}}`;
    share = await readNextShare(db, { userId, roomId, after: id });
  }
  yield '\n]\n';
}
