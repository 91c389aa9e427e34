/** Copying an embedded folder to PostgreSQL: exact, resumable, and without writing to the folder. */
import path from 'node:path';
import { pino } from 'pino';
import { describe, expect, it } from 'vitest';
import { openPglite } from '../../server/adapters/database/pglite.ts';
import { announcePresence } from '../../server/adapters/database/postgres-presence.ts';
import { openCopyTarget } from '../../server/adapters/database/copy-target.ts';
import type { Config } from '../../server/config/config.ts';
import { openPostgres } from '../../server/adapters/database/postgres.ts';
import type { AdminDeps } from '../../server/admin/command.ts';
import { commands } from '../../server/admin/commands.ts';
import { copyDatabase } from '../../server/admin/copy-to.ts';
import { StartRefused } from '../../server/config/start-refused.ts';
import type { Database } from '../../server/ports/database.ts';
import { signIn } from '../client.ts';
import { embeddedPlace, startProduct, type Place } from '../harness.ts';
import { freshDatabase, services } from '../services.ts';
import { dump } from './dump.ts';
import { fillLedger } from './fill-ledger.ts';
import { runAdmin } from './run-admin.ts';

const log = pino({ level: 'silent' });
/** Texts that a copy in text format could corrupt. */
const awkward = ['NULL', '', '\\N', '{"a","b"}', `it's "quoted"`, 'tab\tline\n\r end \\ ', '😀 ünï \u202e', '\u0001'];

const openFolder = (place: Place) => openPglite(path.join(place.environment.DATA_DIR!, 'pglite'));
const openTarget = (url: string) => openPostgres({ url, directUrl: null, poolSize: 2, processes: 1, log });

/** A room with several pages of messages. */
async function addMessages(db: Database, roomId: number): Promise<void> {
  await db.execute(
    `insert into messages (chatroom_id, user_id, is_from_user, content)
       select id, user_id, true, coalesce(($2::text[])[n], 'message ' || n) from chatrooms, generate_series(1, 420) n
       where id = $1::bigint`,
    [roomId, awkward],
  );
  await db.execute(
    `update messages m set parent_id = (select max(id) from messages b where b.chatroom_id = $1 and b.id < m.id)
       where chatroom_id = $1::bigint`,
    [roomId],
  );
  await db.execute(
    `update chatrooms set head_id = (select max(id) from messages where chatroom_id = $1) where id = $1`,
    [roomId],
  );
}

/** A folder with an account and a room, filled without a server. */
async function filledFolder(place: Place): Promise<Database> {
  const folder = await openFolder(place);
  const [room] = await folder.execute<{ id: number }>(
    `with u as (insert into users (mobile_number) values ('+12025550123') returning id)
       insert into chatrooms (user_id, name) select id, 'Move' from u returning id`,
    [],
  );
  await addMessages(folder, room!.id);
  await fillLedger(folder);
  return folder;
}

async function folderDump(place: Place): Promise<string> {
  await using folder = await openFolder(place);
  return await dump(folder);
}

/** Commits this many transactions and then fails, as if the process were killed. */
function failingAfter(target: Database, transactions: number): Database {
  let left = transactions;
  return {
    ...target,
    async transaction(work) {
      if (left-- <= 0) throw new Error('killed');
      return target.transaction(work);
    },
  };
}

describe.skipIf(!services.postgres)('copy-to', () => {
  it('copies a folder: the same rows, signed-in devices and next ids', { timeout: 120_000 }, async () => {
    await using place = await embeddedPlace();
    await using target = await freshDatabase();
    const source = await startProduct(place);
    const user = await signIn(source.url);
    const roomId = await user.room('Move 😀');
    await addMessages(source.product.parts.db, roomId);
    await source[Symbol.asyncDispose]();
    const before = await folderDump(place);

    const copied = await runAdmin(place.environment, 'copy-to', target.url);
    expect(copied).toMatchObject({ code: 0, complaint: '' });
    expect(copied.lines).toContainEqual(
      expect.stringMatching(/^public\.messages {2}420 row\(s\), checksum [\da-f]{16}$/),
    );
    expect(copied.lines.at(-1)).toContain('equal on both sides');
    expect(await folderDump(place)).toBe(before);
    await using moved = await openTarget(target.url);
    await using there = await startProduct({ ...place, environment: { DATABASE_URL: target.url } });
    const messages = await user.call('GET', `/chatroom/${roomId}/messages`, { url: there.url });
    expect(messages).toMatchObject({ status: 200 });
    expect(messages.body.at(-1).content).toBe('message 420');
    const asked = await user.call('POST', `/chatroom/${roomId}/message`, { body: { content: 'on' }, url: there.url });
    expect(asked).toMatchObject({ status: 202, body: { id: messages.body.at(-1).id + 1 } });
    expect((await dump(moved)).length).toBeGreaterThan(before.length);
  });

  it(
    'resumes after the last copied page, and no server starts on an incomplete copy',
    { timeout: 60_000 },
    async () => {
      await using place = await embeddedPlace();
      await using fresh = await freshDatabase();
      await using source = await filledFolder(place);
      await using target = await openTarget(fresh.url);
      const before = await dump(source);

      const copied = async () => (await target.execute('select from messages', [])).length;
      let halfway = 0;
      for (; halfway === 0; halfway = await copied()) {
        await expect(copyDatabase(source, failingAfter(target, 4))).rejects.toThrow('killed');
      }
      const start = announcePresence({ setting: 'DATABASE_URL', url: fresh.url }, 'alone', log);
      await expect(start).rejects.toThrow(/A copy into the database of DATABASE_URL has not finished/);
      await copyDatabase(source, target);
      expect(halfway).toBeLessThan(420);
      expect(await dump(target)).toBe(before);
      expect(await dump(source)).toBe(before);
      await using _started = await announcePresence({ setting: 'DATABASE_URL', url: fresh.url }, 'alone', log);
      await expect(copyDatabase(source, target)).rejects.toThrow(/already has accounts/);
    },
  );

  it('refuses to resume if folder or database has changed', { timeout: 60_000 }, async () => {
    await using place = await embeddedPlace();
    await using fresh = await freshDatabase();
    await using source = await filledFolder(place);
    await using target = await openTarget(fresh.url);
    await copyDatabase(source, failingAfter(target, 1000)).then(() => target.execute('delete from messages', []));
    await target.execute('create schema pollux_copy', []);
    await target.execute(
      `create table pollux_copy.progress as
         select format('public.%I', relname) as name, null::text[] as last, true as finished
         from pg_class where relkind = 'r' and relnamespace = 'public'::regnamespace;
       alter table pollux_copy.progress add primary key (name)`,
      [],
    );
    const failure = await copyDatabase(source, target).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(StartRefused);
    expect(String(failure)).toMatch(/not exact: public\.messages {2}420 row.* in the copy 0 row/);
  });

  it('refuses an invalid URL, and a product that is not embedded', async () => {
    const database = { kind: 'postgres' } as Config['database'];
    const deps = { openCopy: (url: string) => openCopyTarget({ database }, url, log) } as unknown as AdminDeps;
    const copy = (url: string) => commands['copy-to']!.run(deps, [url], { limit: 1, customer: null, yes: false });
    await expect(copy('mysql://somewhere')).rejects.toThrow(/needs an address/);
    await expect(copy('postgres://127.0.0.1/none')).rejects.toThrow(/without DATABASE_URL/);
  });
});
