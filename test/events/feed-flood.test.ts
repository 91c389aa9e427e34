/** One account that fills its feed as fast as it can: Redis stays small, and others sign in. */
import { Redis } from 'ioredis';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { request, signIn } from '../client.ts';
import { distributedPlace, startProduct } from '../harness.ts';
import { canSpawnRedis, startRedis } from '../redis-server.ts';
import { services } from '../services.ts';

const mebibyte = 1024 * 1024;
const posts = 120;
const atOnce = 6;
/** The longest message, four bytes each. */
const longest = '💥'.repeat(32_000);

describe.skipIf(!services.postgres || !canSpawnRedis)('an account that fills its feed', () => {
  const cleanUp = new AsyncDisposableStack();
  let url: string;
  let redis: Redis;

  beforeAll(async () => {
    const server = cleanUp.use(await startRedis({ args: ['--maxmemory', '8mb', '--maxmemory-policy', 'noeviction'] }));
    const place = cleanUp.use(await distributedPlace());
    const environment = {
      REDIS_URL: server.url,
      BASIC_DAILY_LIMIT: '100000',
      UNFINISHED_REPLIES_AT_MOST: '0',
      ACCOUNT_WRITES_MINUTE: '0',
      // Their limits are counted in the same Redis.
      OTP_ADDRESS_HOURLY: '1000',
      OTP_NUMBER_HOURLY: '10',
    };
    const running = cleanUp.use(await startProduct(place, { environment, role: 'api' }));
    url = running.url;
    redis = new Redis(server.url);
    cleanUp.defer(() => redis.disconnect());
  });

  afterAll(() => cleanUp.disposeAsync());

  const usedBytes = async () => Number(/^used_memory:(\d+)/m.exec(await redis.info('memory'))![1]);

  it('uses at most two mebibytes of Redis', async () => {
    const user = await signIn(url);
    await using live = await user.events();
    await expect.poll(() => live.position).not.toBe('');
    const start = live.position;
    const room = await user.room();
    const before = await usedBytes();
    let left = posts;
    const answers: number[] = [];
    const post = async () => {
      while (left-- > 0) answers.push((await user.ask(room, longest)).status);
    };
    await Promise.all(Array.from({ length: atOnce }, post));
    expect(answers).toEqual(Array.from({ length: posts }, () => 202));
    await live.next((event) => event.type === 'quota.changed' && event.messages_used_today === posts);
    expect((await usedBytes()) - before).toBeLessThan(2 * mebibyte);
    await using late = await user.events({ after: start });
    await late.next((event) => event.type === 'feed.reset');
  });

  it('does not disturb others when Redis is full', async () => {
    const user = await signIn(url);
    await using live = await user.events();
    await redis.config('SET', 'maxmemory', '1mb');
    await expect(redis.set('one more', '')).rejects.toThrow(/^OOM/);
    const other = await signIn(url);
    expect((await other.call('GET', '/user/me')).status).toBe(200);
    expect((await user.ask(await user.room(), 'Anybody there?')).status).toBe(202);
    await live.next((event) => event.type === 'message.created');
    const ready = await request('GET', `${url}/health/ready`);
    expect(ready.body).toMatchObject({ status: 'degraded', checks: { feed: { status: 'degraded' } } });
    // Sampled every few seconds.
    await expect
      .poll(async () => (await request('GET', `${url}/metrics`)).body as string, { timeout: 15_000 })
      .toMatch(/^pollux_feed_memory_limit_bytes 1048576$/m);
  });
});
