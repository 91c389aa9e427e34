/** Redis loss: emptied, restarted, away, cut off silently. PostgreSQL is authoritative, so work continues. */
import { cuttableProxy, type CuttableProxy } from '../../cuttable-proxy.ts';
import { signInUsers, keepAsking } from '../crowd.ts';
import { closeLedger, openLedger, unansweredOf } from '../ledger.ts';
import { openProbe, readiness } from '../probe.ts';
import { lessThan, type Counts, type Outcome, type Scenario } from '../scenario.ts';
import type { RedisServer } from '../../redis-server.ts';
import type { Stage, StageOptions } from '../stage.ts';
import { pause, randomPause, until } from '../waiting.ts';

interface Fault {
  readonly redis?: StageOptions['redis'];
  /** Its duration. */
  readonly heldMs: (counts: Counts) => number;
  /** Readiness must report it meanwhile. */
  readonly noticed: boolean;
  begin(redis: RedisServer, proxy: CuttableProxy): Promise<void> | void;
  end(redis: RedisServer, proxy: CuttableProxy): Promise<void> | void;
}

const chunks = 4;
const settleMs = 60_000;
const nothing = () => {};
const momentary = () => 0;

export const redisLosses: readonly Scenario[] = [
  scenario('redis-flush', 'Redis emptied (FLUSHALL): posts stay 202, everything is answered', {
    heldMs: momentary,
    noticed: false,
    begin: flush,
    end: nothing,
  }),
  scenario('redis-empty', 'Redis killed and restarted without its data', {
    heldMs: momentary,
    noticed: false,
    begin: (redis) => redis.kill(),
    end: (redis) => redis.restart(),
  }),
  scenario('redis-kept', 'Redis killed and restarted with its append-only file', {
    redis: ['--appendonly', 'yes'],
    heldMs: momentary,
    noticed: false,
    begin: (redis) => redis.kill(),
    end: (redis) => redis.restart(),
  }),
  scenario('redis-outage', 'Redis away for 60 s: posts stay 202, readiness reports degraded', {
    heldMs: (counts) => counts(60_000, 15_000, 4000),
    noticed: true,
    begin: (redis) => redis.kill(),
    end: (redis) => redis.restart(),
  }),
  scenario('redis-cut', 'Connections to Redis cut but not closed', {
    heldMs: (counts) => counts(10_000, 5000, 4000),
    noticed: true,
    begin: (_redis, proxy) => proxy.blackOut(),
    end: (_redis, proxy) => proxy.heal(),
  }),
];

async function flush({ url }: RedisServer): Promise<void> {
  const { Redis } = await import('ioredis');
  const client = new Redis(url);
  await client.flushall();
  client.disconnect();
}

function scenario(name: string, promise: string, fault: Fault): Scenario {
  return {
    name,
    promise,
    recoveryLimitSeconds: 10,
    async run(stage, counts) {
      const faults = counts(20, 4, 1);
      // Outages are mostly waiting, so that several installations are tested at once.
      const lanes = Math.min(faults, counts(4, 2, 1));
      const perLane = Math.ceil(faults / lanes);
      const outcomes = await Promise.all(
        Array.from({ length: lanes }, async () => inOneInstallation(stage, fault, perLane, counts)),
      );
      return { ...together(outcomes), shorter: lessThan(20, perLane * lanes, 'times') };
    },
  };
}

async function inOneInstallation(parent: Stage, fault: Fault, faults: number, counts: Counts): Promise<Outcome> {
  await using stage = await parent.another({ redis: fault.redis });
  await using proxy = await cuttableProxy(stage.redis.port);
  const environment = { REDIS_URL: `redis://127.0.0.1:${proxy.port}` };
  const [api] = await Promise.all([
    stage.start('api', environment),
    stage.start('worker', environment),
    stage.start('worker', environment),
  ]);
  const crowd = await signInUsers(api.url, 3, 4);
  const probe = await openProbe(stage, api.url);
  const ledger = openLedger();
  const done = new AbortController();
  const content = `Still there? [[chunks:${chunks}]][[delay:50]]`;
  const asked = keepAsking(crowd, {
    urls: [api.url],
    ledger,
    content,
    maxPauseMs: 600,
    keys: 'never',
    signal: done.signal,
  });

  let worst = 0;
  for (let turn = 0; turn < faults; turn++) {
    await randomPause(1000);
    await fault.begin(stage.redis, proxy);
    const heldMs = fault.heldMs(counts);
    const during = heldMs > 0 ? [probe.ask(), expectDegraded(fault, api.url, heldMs), pause(heldMs)] : [];
    const [answered] = await Promise.all(during);
    await fault.end(stage.redis, proxy);
    worst = Math.max(worst, answered ?? 0, await probe.ask());
    await until('readiness says ok again', 30_000, async () => (await readiness(api.url)) === 'ok');
  }
  done.abort();
  await asked;

  const found = await closeLedger(stage.sql, ledger, settleMs);
  return {
    faults,
    operations: ledger.tries,
    lost: found.lost + (await unansweredOf(stage.sql, ledger, chunks)),
    doubled: found.doubled,
    worstRecoverySeconds: worst,
    broken: [
      ...found.broken,
      ...[...ledger.refusals].map(([status, count]) => `${count} posts were answered ${status}`),
      ...(ledger.unknown.size > 0 ? [`${ledger.unknown.size} posts were not answered`] : []),
    ],
  };
}

async function expectDegraded({ noticed }: Fault, url: string, heldMs: number): Promise<void> {
  if (noticed) await until('readiness says degraded', heldMs, async () => (await readiness(url)) === 'degraded');
}

function together(outcomes: readonly Outcome[]): Outcome {
  const sum = (figure: (outcome: Outcome) => number) => outcomes.reduce((total, one) => total + figure(one), 0);
  return {
    faults: sum((one) => one.faults),
    operations: sum((one) => one.operations),
    lost: sum((one) => one.lost),
    doubled: sum((one) => one.doubled),
    worstRecoverySeconds: Math.max(...outcomes.map((one) => one.worstRecoverySeconds ?? 0)),
    broken: outcomes.flatMap((one) => one.broken),
  };
}
