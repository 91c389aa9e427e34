/** Account rates: one account floods all API processes with writes, tickets and feeds, with and without Redis. */
import { settings, type SettingName } from '../../../server/config/settings.ts';
import { signInUsers, type Person } from '../crowd.ts';
import { exchange } from '../exchange.ts';
import type { Scenario } from '../scenario.ts';
import { pause, percentile } from '../waiting.ts';

const processes = 3;
const floodAtOnce = 12;
const politePauseMs = 500;
const othersWithinMs = 2000;

const names = ['ACCOUNT_WRITES_MINUTE', 'ACCOUNT_FEEDS_MINUTE', 'ACCOUNT_FEEDS_OPEN', 'ACCOUNT_REQUESTS_AT_ONCE'];
const shipped = Object.fromEntries(names.map((name) => [name, settings[name as SettingName].fallback]));

export const accountRates: Scenario = {
  name: 'account-rates',
  promise:
    'No account makes more requests a minute than its rate, over all processes, and sending never waits for Redis',
  async run(stage, counts) {
    const seconds = counts(180, 30, 8);
    const apis = await Promise.all(Array.from({ length: processes }, () => stage.start('api', shipped)));
    const urls = apis.map(({ url }) => url);
    const [hostile, other] = (await signInUsers(urls[0]!, 2, 1)) as [Person, Person];
    const withRedis = await flood(urls, hostile, other, seconds);
    await stage.redis.kill();
    const alone = await flood(urls, hostile, other, seconds);
    await stage.redis.restart();

    // The flood may span two minutes; then the limit of each applies.
    const minutes = Math.ceil(seconds / 60) + 1;
    const rate = (name: string) => Number(shipped[name]);
    const shared = (limit: number) => minutes * (limit + processes * (Math.ceil(limit / 10) + 1));
    const most = {
      writes: {
        withRedis: shared(rate('ACCOUNT_WRITES_MINUTE')),
        alone: minutes * processes * rate('ACCOUNT_WRITES_MINUTE'),
      },
      tickets: {
        withRedis: shared(rate('ACCOUNT_FEEDS_MINUTE')),
        alone: minutes * processes * rate('ACCOUNT_FEEDS_MINUTE'),
      },
    };
    const broken = (['writes', 'tickets'] as const).flatMap((kind) =>
      Object.entries({ withRedis, alone }).flatMap(([when, { accepted, asked }]) => {
        const allowed = most[kind][when as 'withRedis' | 'alone'];
        return accepted[kind] > allowed
          ? [`${accepted[kind]} of ${asked} ${kind} were accepted ${when}; at most ${allowed} are allowed`]
          : [];
      }),
    );
    const waits = [...withRedis.waitsMs, ...alone.waitsMs];
    const refusedOthers = withRedis.refusedOthers + alone.refusedOthers;
    const slowest = Math.max(...waits);
    if (refusedOthers > 0) broken.push(`${refusedOthers} requests of another account were refused`);
    if (slowest > othersWithinMs) broken.push(`another account waited ${Math.round(slowest)} ms`);
    return {
      faults: withRedis.asked + alone.asked,
      operations: waits.length,
      lost: refusedOthers,
      doubled: 0,
      worstRecoverySeconds: null,
      broken,
      note:
        `of ${withRedis.asked} requests ${withRedis.accepted.writes} writes and ${withRedis.accepted.tickets} tickets were accepted, ` +
        `without Redis, of ${alone.asked} requests ${alone.accepted.writes} and ${alone.accepted.tickets}; ` +
        `another account's questions took ${Math.round(percentile(waits, 0.5))} ms, at most ${Math.round(slowest)} ms`,
    };
  },
};

/** The hostile account sends as fast as it can, while another one asks a question now and then. */
async function flood(urls: readonly string[], hostile: Person, other: Person, seconds: number) {
  const until = performance.now() + seconds * 1000;
  const accepted = { writes: 0, tickets: 0 };
  const waitsMs: number[] = [];
  let [asked, refusedOthers] = [0, 0];

  async function attack(worker: number): Promise<void> {
    for (let n = worker; performance.now() < until; n++) {
      const url = urls[n % urls.length]!;
      const isTicket = n % 4 === 0;
      const answer = await exchange('POST', isTicket ? `${url}/events/ticket` : `${url}/chatroom`, {
        token: hostile.token,
        ...(!isTicket && { body: { name: 'One of many' } }),
      });
      asked += 1;
      if (answer?.status === 201) accepted[isTicket ? 'tickets' : 'writes'] += 1;
    }
  }

  async function ask(): Promise<void> {
    for (let n = 0; performance.now() < until; n++) {
      const startedAt = performance.now();
      const answer = await exchange('POST', `${urls[n % urls.length]}/chatroom/${other.rooms[0]}/message`, {
        token: other.token,
        body: { content: 'Why?' },
      });
      waitsMs.push(performance.now() - startedAt);
      if (answer?.status !== 202) refusedOthers += 1;
      await pause(politePauseMs);
    }
  }

  await Promise.all([ask(), ...Array.from({ length: floodAtOnce }, (_, worker) => attack(worker))]);
  return { accepted, asked, waitsMs, refusedOthers };
}
