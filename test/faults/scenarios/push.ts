/** Push messages: workers killed at random moments; every answer is told of. */
import { startFakePushService, type FakeBrowser, type FakePushService } from '../../fakes/push-service.ts';
import { keepAsking, signInUsers, type Person } from '../crowd.ts';
import { closeLedger, openLedger, unansweredOf } from '../ledger.ts';
import { lessThan, type Scenario } from '../scenario.ts';
import type { Stage } from '../stage.ts';
import { anyOf, randomPause, seconds, until } from '../waiting.ts';

const chunks = 3;
const settleMs = 90_000;
/** A dead worker's jobs are retried after its heartbeat. */
const toldWithinMs = 60_000;

export const push: Scenario = {
  name: 'push',
  promise: 'Killed workers lose no push message; one that is sent again replaces the first',
  async run(stage, counts) {
    const kills = counts(200, 20, 1);
    await using service = await startFakePushService();
    const environment = { PUSH_TEST_ORIGIN: service.origin };
    const api = await stage.start('api', environment);
    const workers = await Promise.all([1, 2].map(() => stage.start('worker', environment)));
    const crowd = await signInUsers(api.url, counts(12, 8, 2), 2);
    const browsers = await Promise.all(crowd.map((person) => subscribe(person, service)));
    const ledger = openLedger();
    const done = new AbortController();
    const content = `Ready? [[chunks:${chunks}]][[delay:20]]`;
    const asking = { urls: [api.url], ledger, content, maxPauseMs: 400, keys: 'always', signal: done.signal } as const;
    const asked = keepAsking(crowd, asking);
    for (let kill = 0; kill < kills; kill += 1) {
      await randomPause(1500);
      const victim = anyOf(workers);
      await victim.kill('SIGKILL');
      await victim.start();
    }
    done.abort();
    await asked;
    const found = await closeLedger(stage.sql, ledger, settleMs);
    const waited = await until('all push messages are sent', toldWithinMs, () => isAllSent(stage)).catch(() => null);
    const told = browsers.flatMap((browser) => browser.received());
    const ids = new Set(told.map(({ message }) => message.message_id));
    const ended = await stage.sql<{ id: string }>(
      `select message_id as id from replies where status in ('complete', 'failed')`,
    );
    const untold = ended.filter(({ id }) => !ids.has(Number(id))).length;
    const misplaced = told.filter(({ topic, message }) => topic !== message.tag).length;
    return {
      faults: kills,
      operations: ledger.acceptances.length,
      lost: found.lost + untold + (await unansweredOf(stage.sql, ledger, chunks)),
      doubled: found.doubled + misplaced,
      worstRecoverySeconds: null,
      broken: [...found.broken, ...service.faults(), ...(waited === null ? ['push messages still wait'] : [])],
      note: `${ids.size} answers told of by ${told.length} messages, the last ${seconds(waited ?? 0)} after the last answer`,
      shorter: lessThan(200, kills, 'kills'),
    };
  },
};

async function subscribe({ client }: Person, service: FakePushService): Promise<FakeBrowser> {
  const { body: key } = await client.call('GET', '/push/key');
  const browser = service.subscribe(key.public_key);
  const { status } = await client.call('POST', '/user/push-subscriptions', { body: browser.subscription });
  if (status !== 201) throw new Error(`a subscription was answered ${status}`);
  return browser;
}

async function isAllSent({ sql }: Stage): Promise<boolean> {
  const [left] = await sql<{ count: number }>(
    `select (select count(*) from push_due)::int + (select count(*) from pollux_jobs.job
       where name = 'push-message' and state in ('created', 'active', 'retry'))::int as count`,
  );
  return left!.count === 0;
}
