/**
 * A process that is killed at any step of an upload or a deletion leaves, after the sweep, no row without bytes and no bytes without
 * a row. Of a message with files it leaves all or nothing.
 */
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { pino } from 'pino';
import { processFile } from '../../server/files/process.ts';
import { sweepOrphans, sweepStale } from '../../server/files/sweep.ts';
import { signIn, type Client } from '../client.ts';
import { fakeCredentials, startFakeS3, type FakeS3 } from '../fakes/s3.ts';
import { distributedPlace, startProduct, type Environment, type Place, type RunningProduct } from '../harness.ts';
import { startProcess, type RunningProcess } from '../processes.ts';
import { services } from '../services.ts';
import { connectSql, sqlOf, waitingForLocks, type Sql } from '../sql.ts';
import { picture } from './samples.ts';
import { download, namedKeys, settled, upload } from './upload-client.ts';

for (const [name, value] of Object.entries(fakeCredentials)) process.env[name] = value;
const signal = new AbortController().signal;
const laterMs = 61 * 60_000;

describe.skipIf(!services.postgres || !services.redis)('a process killed', () => {
  const cleanUp = new AsyncDisposableStack();
  afterAll(() => cleanUp.disposeAsync());
  let s3: FakeS3;
  let place: Place;
  let environment: Environment;
  let survivor: RunningProduct;
  let sql: Sql;
  let user: Client;

  beforeAll(async () => {
    s3 = cleanUp.use(await startFakeS3());
    place = cleanUp.use(await distributedPlace());
    environment = {
      ...place.environment,
      STORAGE_URL: `s3://${s3.bucket}/files?endpoint=${s3.url}`,
      ...fakeCredentials,
    };
    // An API only: it runs no job.
    survivor = cleanUp.use(await startProduct(place, { environment, role: 'api' }));
    sql = sqlOf(survivor);
    user = await signIn(survivor.url);
  });

  /** Kills the process at its nth request of this kind; resolves once it is dead. */
  function killAt(running: RunningProcess, method: string, nth: number, verdict: 'lose' | 'mute'): Promise<void> {
    const dead = Promise.withResolvers<void>();
    let seen = 0;
    s3.intercept(async (asked) => {
      if (asked !== method || ++seen !== nth) return 'answer';
      await running.kill('SIGKILL');
      dead.resolve();
      return verdict;
    });
    return dead.promise;
  }

  /** What another worker, and later the sweeps, do about what is left. */
  async function recover(): Promise<void> {
    s3.intercept(null);
    const deps = { ...survivor.product.parts, log: pino({ level: 'silent' }) };
    const waiting = await sql<{ id: number }>(`select id::int as id from files where status = 'processing'`);
    for (const { id } of waiting) await processFile(deps, id, signal);
    await sql(`update files set created_at = now() - interval '61 minutes' where status = 'uploading'`);
    await sweepStale(deps, signal);
    await sweepOrphans(deps, signal, Date.now() + laterMs);
  }

  async function expectNothingLost(): Promise<void> {
    const kept = [...s3.objects.keys()].map((key) => key.replace(/^files\//, '')).toSorted();
    expect(kept).toEqual(await namedKeys(sql));
    const rows = await sql<{ id: number; status: string }>('select id::int as id, status from files');
    for (const { id, status } of rows) {
      expect(status).toBe('ready');
      expect((await download(survivor.url, id, { user })).status).toBe(200);
      expect((await user.call('DELETE', `/uploads/${id}`)).status).toBe(204);
    }
    expect(s3.objects.size).toBe(0);
  }

  it.each([
    ['before its bytes are stored', 'PUT', 1, 'lose', 0],
    ['after its bytes are stored', 'PUT', 1, 'mute', 0],
    ['while its job reads it', 'GET', 1, 'lose', 1],
    ['while the new image is stored', 'PUT', 2, 'lose', 1],
    ['after the new image is stored', 'PUT', 2, 'mute', 1],
    ['after the preview is stored', 'PUT', 3, 'mute', 1],
    ['before the first image is deleted', 'DELETE', 1, 'lose', 1],
  ] as const)('with an upload %s loses nothing', { timeout: 120_000 }, async (_when, method, nth, verdict, files) => {
    await using running = await startProcess(environment, 'all');
    const dead = killAt(running, method, nth, verdict);
    const answer = await upload(running.url, user, await picture(60, 40), { name: 'a.png' }).catch(() => null);
    await dead;
    expect(answer?.status ?? 0).toBe(files === 0 ? 0 : 201);
    await recover();
    expect(await sql('select from files')).toHaveLength(files);
    await expectNothingLost();
  });

  it.each([
    ['before the image is deleted', 1, 'lose'],
    ['after the image is deleted', 2, 'mute'],
  ] as const)('with a deletion %s leaves nothing', { timeout: 120_000 }, async (_when, nth, verdict) => {
    await using running = await startProcess(environment, 'all');
    const { body } = await upload(running.url, user, await picture(60, 40), { name: 'a.png' });
    expect((await settled(user, body.id)).status).toBe('ready');
    await expect.poll(() => s3.objects.size).toBe(2);
    const dead = killAt(running, 'DELETE', nth, verdict);
    const leaving = fetch(`${running.url}/uploads/${body.id}`, {
      method: 'DELETE',
      headers: { authorization: `Bearer ${user.tokens.access_token}` },
    }).catch(() => null);
    await dead;
    expect(await leaving).toBeNull();
    expect((await user.call('GET', `/uploads/${body.id}`)).status).toBe(404);
    await recover();
    await expectNothingLost();
  });

  it.each([
    ['before it is committed', 0],
    ['after it is committed, before its answer', 1],
  ] as const)('with a message with files %s leaves all of it or nothing', { timeout: 120_000 }, async (_when, kept) => {
    // PostgreSQL notices that the client of a waiting statement is gone.
    const check = `format('alter database %I set client_connection_check_interval = 100', current_database())`;
    await sql(`do $$ begin execute ${check}; end $$`);
    await using running = await startProcess(environment, 'api');
    const room = await user.room();
    const uploads = await Promise.all(['one', 'two'].map((text) => upload(survivor.url, user, text)));
    const ids = uploads.map(({ body }) => body.id as number);
    const body = { content: 'Look at these', attachment_ids: ids };
    const headers = { 'idempotency-key': randomUUID() };
    const questions = () => sql(`select from messages where chatroom_id = $1 and is_from_user`, [room]);
    const waiting = () => waitingForLocks(sql, 'pg_try_advisory_xact_lock');

    await using holder = await connectSql(place);
    await holder.sql('begin');
    await holder.sql('select from chatrooms where id = $1 for update', [room]);
    const sending = user
      .call('POST', `/chatroom/${room}/message`, { body, headers, url: running.url })
      .catch(() => null);
    await expect.poll(waiting).toBe(1);
    await running.kill(kept === 0 ? 'SIGKILL' : 'SIGSTOP');
    if (kept === 0) await expect.poll(waiting).toBe(0);
    await holder.sql('rollback');
    if (kept === 1) await expect.poll(questions).toHaveLength(1);
    await running.kill('SIGKILL');
    expect(await sending).toBeNull();

    expect(await questions()).toHaveLength(kept);
    const rooms = await sql('select chatroom_id::int as room from files where id = any($1)', [ids]);
    expect(rooms).toEqual(ids.map(() => ({ room: kept === 0 ? null : room })));
    const again = await user.call('POST', `/chatroom/${room}/message`, { body, headers });
    expect([again.status, again.headers.get('idempotent-replayed')]).toEqual([202, kept === 0 ? null : 'true']);
    const { body: messages } = await user.call('GET', `/chatroom/${room}/messages?include=pending`);
    expect(messages).toHaveLength(2);
    expect(messages[0].attachments).toMatchObject(ids.map((id) => ({ id, deleted: false })));
    for (const id of ids) expect((await user.call('DELETE', `/uploads/${id}`)).status).toBe(204);
    await expectNothingLost();
  });
});
