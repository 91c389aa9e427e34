/** Behind a real PgBouncer: refused where session locks would not hold, working where a direct address is set. */
import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openPostgres } from '../../server/adapters/database/postgres.ts';
import { signIn } from '../client.ts';
import { startFakeGemini } from '../fakes/gemini.ts';
import { askAt, embeddedPlace, startProduct } from '../harness.ts';
import { freshDatabase, services } from '../services.ts';
import { connectSql } from '../sql.ts';
import { canSpawnPgbouncer, startPgbouncer } from './pgbouncer.ts';
import { wrongPoolers, type Ways } from './pooler.ts';
import { expectRefusal } from './refused-start.ts';

const log = pino({ level: 'silent' });

describe.skipIf(!services.postgres || !canSpawnPgbouncer)('behind PgBouncer', { timeout: 120_000 }, () => {
  const opened = new AsyncDisposableStack();
  let ways: Ways & { session: string };

  beforeAll(async () => {
    const { url: direct } = opened.use(await freshDatabase());
    const { url: another } = opened.use(await freshDatabase());
    const start = async (mode: 'session' | 'transaction' | 'statement', poolSize: number) =>
      opened.use(await startPgbouncer(direct, { mode, poolSize })).through(direct);
    ways = {
      direct,
      another,
      // Fewer sessions than the product has connections, so that they are shared.
      transaction: await start('transaction', 3),
      statement: await start('statement', 3),
      session: await start('session', 20),
    };
  });
  afterAll(() => opened.disposeAsync());

  it.each(wrongPoolers)('$setting: $given', async ({ sentence, environment }) => {
    await expectRefusal(sentence, environment(ways));
  });

  it('leaves no lock on a pooled session when it refuses to start', async () => {
    await expectRefusal(wrongPoolers[0]!.sentence, wrongPoolers[0]!.environment(ways));
    const locks = `select pid from pg_locks where locktype = 'advisory'
      and database = (select oid from pg_database where datname = current_database())`;
    const place = { environment: { DATABASE_URL: ways.direct }, [Symbol.asyncDispose]: async () => {} };
    await using connection = await connectSql(place);
    expect(await connection.sql(locks)).toEqual([]);
  });

  it('in transaction mode with a direct address, the whole product works', async () => {
    await using place = await embeddedPlace();
    await using fake = await startFakeGemini();
    const environment = {
      DATABASE_URL: ways.transaction,
      DATABASE_DIRECT_URL: ways.direct,
      BASIC_DAILY_LIMIT: '100',
      ...askAt(fake),
    };
    await using running = await startProduct(place, { environment });
    const users = await Promise.all(Array.from({ length: 6 }, () => signIn(running.url)));
    const answered = await Promise.all(
      users.map(async (user) => {
        const rooms = await Promise.all([user.room(), user.room()]);
        for (const room of rooms) expect((await user.ask(room, 'hello')).status).toBe(202);
        return Promise.all(rooms.map((room) => user.waitForReply(room)));
      }),
    );
    expect(answered.flat()).toHaveLength(12);
    await expect(startProduct(place, { environment })).rejects.toThrow('Another Pollux runs on this database.');
  });

  it('in transaction mode, a transaction that hangs is ended', async () => {
    await using db = await openPostgres({
      url: ways.transaction,
      directUrl: ways.direct,
      poolSize: 2,
      processes: 1,
      log,
    });
    const show = { name: 'show_timeouts', text: `select current_setting('statement_timeout') as timeout` };
    expect(await db.transaction((tx) => tx.run(show, []))).toEqual([{ timeout: '15s' }]);
    expect(await db.run(show, [])).toEqual([{ timeout: '0' }]);
  });

  it('in session mode no other setting is needed', async () => {
    await using db = await openPostgres({ url: ways.session, directUrl: null, poolSize: 2, processes: 1, log });
    const show = {
      name: 'show_timeouts',
      text: `select current_setting('statement_timeout') as a, current_setting('idle_in_transaction_session_timeout') as b`,
    };
    expect(await db.run(show, [])).toEqual([{ a: '15s', b: '15s' }]);
  });

  it('transaction mode is detected even with a single session', async () => {
    await using narrow = await startPgbouncer(ways.direct, { mode: 'transaction', poolSize: 1 });
    await expect(
      openPostgres({ url: narrow.through(ways.direct), directUrl: null, poolSize: 2, processes: 1, log }),
    ).rejects.toThrow('DATABASE_URL points to a pooler in transaction mode');
  });
});
