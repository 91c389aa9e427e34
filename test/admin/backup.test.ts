/** Backup and restore, as drills: what is restored equals what was backed up, rows and files, in both modes and between them. */
import { randomBytes } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { checkBackup } from '../../server/admin/backup-file.ts';
import { version } from '../../server/config/version.ts';
import { signIn, type Client } from '../client.ts';
import { startFakeGemini, type FakeGemini } from '../fakes/gemini.ts';
import { upload } from '../files/upload-client.ts';
import {
  askAt,
  distributedPlace,
  embeddedPlace,
  emptyPlace,
  startProduct,
  type Environment,
  type Place,
} from '../harness.ts';
import { modes } from '../modes.ts';
import { services } from '../services.ts';
import { connectDatabase, dump } from './dump.ts';
import { fillLedger } from './fill-ledger.ts';
import { runAdmin } from './run-admin.ts';

/** As a folder, the secret is generated: sessions survive only if it is part of the backup. */
const generated: Environment = { SECRET_KEY: '', NODE_ENV: 'development' };

const cleanUp = new AsyncDisposableStack();
let gemini: FakeGemini;
let directory: string;

beforeAll(async () => {
  gemini = cleanUp.use(await startFakeGemini());
  directory = await mkdtemp(path.join(os.tmpdir(), 'pollux-backups-'));
  cleanUp.defer(() => rm(directory, { recursive: true, force: true }));
});
afterAll(() => cleanUp.disposeAsync());

interface Filled {
  readonly user: Client;
  readonly roomId: number;
  readonly fileId: number;
  readonly bytes: Buffer;
}

async function fill(url: string): Promise<Filled> {
  const user = await signIn(url);
  const roomId = await user.room('Trees 😀');
  const { body } = await user.ask(roomId, `it's "quoted"\ttab \\N {"a"} 日本\u202e`);
  await user.waitForReply(roomId, { messageId: body.id });
  await user.call('POST', '/user/memories', { body: { content: 'NULL' } });
  await user.call('PATCH', '/user/settings', {
    body: { push_quiet: { from: '22:00', to: '07:00', time_zone: 'Asia/Tokyo' } },
  });
  const text = randomBytes(600_000).toString('base64');
  const { status, body: file } = await upload(url, user, text);
  expect(status).toBe(201);
  // A restored server goes on with an unfinished job only after a while.
  const statusNow = async () => (await user.call('GET', `/uploads/${file.id}`)).body.status;
  await expect.poll(statusNow, { timeout: 60_000 }).toBe('ready');
  return { user, roomId, fileId: file.id, bytes: Buffer.from(text) };
}

/** Every file that was uploaded, by its path. */
async function filesIn({ environment }: Place): Promise<Record<string, string>> {
  const folder = path.join(environment.DATA_DIR!, 'files');
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const paths = entries.filter((entry) => entry.isFile()).map(({ parentPath, name }) => path.join(parentPath, name));
  const read = paths.toSorted().map(async (file) => [path.relative(folder, file), await readFile(file, 'base64')]);
  return Object.fromEntries(await Promise.all(read)) as Record<string, string>;
}

async function dumpOf(place: Place): Promise<string> {
  await using db = await connectDatabase(place);
  return await dump(db);
}

async function expectAlive({ user, roomId, fileId, bytes }: Filled, place: Place, environment: Environment) {
  await using there = await startProduct(place, { environment: { ...environment, ...askAt(gemini) } });
  const { url } = there;
  const messages = await user.call('GET', `/chatroom/${roomId}/messages`, { url });
  expect(messages).toMatchObject({ status: 200, body: [{ is_from_user: true }, { status: 'complete' }] });
  const content = await fetch(`${url}/uploads/${fileId}/content`, {
    headers: { authorization: `Bearer ${user.tokens.access_token}` },
  });
  expect(Buffer.from(await content.arrayBuffer()).equals(bytes)).toBe(true);
  const asked = await user.call('POST', `/chatroom/${roomId}/message`, { body: { content: 'And now?' }, url });
  expect(asked.status).toBe(202);
  expect(asked.body.id).toBeGreaterThan(messages.body.at(-1).id);
  expect((await user.waitForReply(roomId, { messageId: asked.body.id, url })).status).toBe('complete');
}

/** Both modes, and the way from a folder to PostgreSQL. */
const drills = modes
  .flatMap((from) => modes.map((to) => ({ from, to, possible: from.possible && to.possible })))
  .filter(({ from, to }) => from.apis <= to.apis);

describe.each(drills)('a backup from $from.name, restored to $to.name', ({ from, to, possible }) => {
  it.skipIf(!possible)('equals the original in every row and byte, and works', { timeout: 240_000 }, async () => {
    await using place = await from.place();
    const settings = from.apis === 1 ? generated : {};
    const running = await startProduct(place, { environment: { ...settings, ...askAt(gemini) } });
    const filled = await fill(running.url);
    await fillLedger(running.product.parts.db);
    await running[Symbol.asyncDispose]();

    const file = path.join(directory, `${from.apis}-${to.apis}.backup`);
    const saved = await runAdmin({ ...place.environment, ...settings }, 'backup', file);
    expect(saved).toMatchObject({ code: 0, complaint: '' });
    expect(saved.lines).toContainEqual(expect.stringMatching(/^public\.messages {2}2 row\(s\), checksum [\da-f]{16}$/));
    expect(saved.lines).toContainEqual(`1 file(s), ${filled.bytes.length} byte(s)`);
    expect((await stat(file)).mode & 0o777).toBe(0o600);

    await using target = to.apis === 1 ? await emptyPlace() : await distributedPlace();
    // A secret that is generated goes with a folder alone.
    const kept = to.apis === 1 ? settings : {};
    const restored = await runAdmin({ ...target.environment, ...kept }, 'restore', file);
    expect(restored).toMatchObject({ code: 0, complaint: '' });
    expect(restored.lines).toEqual(expect.arrayContaining(saved.lines.filter((line) => line.includes('checksum'))));
    expect(await dumpOf(target)).toBe(await dumpOf(place));
    expect(await filesIn(target)).toEqual(await filesIn(place));
    if (from.apis === to.apis) await expectAlive(filled, target, kept);

    const again = await runAdmin({ ...target.environment, ...kept }, 'restore', file);
    expect(again).toMatchObject({ code: 1, lines: [] });
    expect(again.complaint).toContain('already has accounts');
  });
});

describe('a backup', () => {
  it('is refused if the file exists, and a damaged one is not restored', { timeout: 120_000 }, async () => {
    await using place = await modes[0]!.place();
    const running = await startProduct(place);
    await signIn(running.url);
    await running[Symbol.asyncDispose]();
    const file = path.join(directory, 'whole.backup');
    expect((await runAdmin(place.environment, 'backup', file)).code).toBe(0);
    const twice = await runAdmin(place.environment, 'backup', file);
    expect(twice).toMatchObject({ code: 1, lines: [], complaint: expect.stringContaining('exists already') });

    const whole = await readFile(file);
    const damaged = path.join(directory, 'damaged.backup');
    const middle = Math.floor(whole.length / 2);
    const flipped = Buffer.from(whole);
    flipped[middle]! ^= 1;
    // Whole lines are missing, but the file is well-formed.
    const shortened = gzipSync(
      gunzipSync(whole)
        .toString()
        .replace(/^.*"kind":"counters".*\n/m, ''),
    );
    for (const bytes of [flipped, shortened, whole.subarray(0, middle), Buffer.from('no backup'), Buffer.alloc(0)]) {
      await writeFile(damaged, bytes);
      await expect(checkBackup(damaged)).rejects.toThrow(/damaged\.backup is not a backup .* Nothing was restored\./);
    }
    await using target = await embeddedPlace();
    const refused = await runAdmin(target.environment, 'restore', damaged);
    expect(refused).toMatchObject({ code: 1, lines: [], complaint: expect.stringContaining('Nothing was restored') });
    await expect(checkBackup(`${file}.missing`)).rejects.toThrow(/ENOENT/);
    expect(await checkBackup(file)).toMatchObject({ kind: 'backup', version });
  });

  it.skipIf(!services.postgres || !services.redis)(
    'is made while servers run, and restored only while none does',
    { timeout: 120_000 },
    async () => {
      await using place = await distributedPlace();
      await using running = await startProduct(place, { environment: { ...askAt(gemini), BASIC_DAILY_LIMIT: '1000' } });
      const user = await signIn(running.url);
      const roomId = await user.room();
      const accepted: number[] = [];
      let isDone = false;
      async function keepAsking(): Promise<void> {
        while (!isDone) accepted.push((await user.ask(roomId, 'Why?')).body.id);
      }
      const asking = keepAsking();
      await expect.poll(() => accepted.length).toBeGreaterThan(3);
      const before = [...accepted];
      const file = path.join(directory, 'running.backup');
      expect(await runAdmin(place.environment, 'backup', file)).toMatchObject({ code: 0, complaint: '' });
      isDone = true;
      await asking;
      const refused = await runAdmin(place.environment, 'restore', file);
      expect(refused).toMatchObject({ code: 1, lines: [], complaint: expect.stringContaining('stop the other') });

      await using target = await distributedPlace();
      expect(await runAdmin(target.environment, 'restore', file)).toMatchObject({ code: 0, complaint: '' });
      await using db = await connectDatabase(target);
      const rows = await db.execute<{ id: number }>(
        `select m.id from messages m join replies r on r.question_id = m.id where m.is_from_user order by m.id`,
        [],
      );
      expect(rows.map(({ id }) => id)).toEqual(expect.arrayContaining(before));
      const half = `select from messages m where m.is_from_user and not exists (select from replies r where r.question_id = m.id)`;
      expect(await db.execute(half, [])).toEqual([]);
    },
  );
});
