/** Rate limits of accounts and of guesses by address, and the order in which they are checked. */
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { freshNumber, request, signIn, type Answer, type Client } from '../client.ts';
import { startFakeStripe } from '../../dev/stripe/fake-stripe.ts';
import { anyPlace, distributedPlace, startProduct, type Environment, type Place } from '../harness.ts';
import { canSpawnRedis, startRedis } from '../redis-server.ts';
import { services } from '../services.ts';
import { expectProblem } from '../contract/problem.ts';
import { openFeedSocket, openSilently } from '../events/feed-socket.ts';

let place: Place;

beforeAll(async () => {
  place = await anyPlace();
});
afterAll(() => place[Symbol.asyncDispose]());

/** Starts the product with these limits until the test ends; returns its URL. */
async function startWith(environment: Environment): Promise<string> {
  const running = await startProduct(place, { environment, role: services.postgres && services.redis ? 'api' : 'all' });
  onTestFinished(() => running[Symbol.asyncDispose]());
  return running.url;
}

/** The same, with a signed-in user. */
async function start(environment: Environment): Promise<Client & { url: string }> {
  const url = await startWith(environment);
  return { ...(await signIn(url)), url };
}

function expectRefused(answer: Answer): void {
  expect(expectProblem(answer, 429)).toBe('too_many_requests');
  expect(Number(answer.headers.get('retry-after'))).toBeLessThanOrEqual(60);
}

async function statuses(count: number, call: () => Promise<Answer>): Promise<number[]> {
  const found: number[] = [];
  for (let n = 0; n < count; n++) found.push((await call()).status);
  return found;
}

describe('writes', () => {
  it('are limited per minute and account', async () => {
    const me = await start({ ACCOUNT_WRITES_MINUTE: '5' });
    const roomId = await me.room();
    const other = await signIn(me.url);
    expect(await statuses(4, () => me.call('PATCH', `/chatroom/${roomId}`, { body: { name: 'Other' } }))).toEqual([
      200, 200, 200, 200,
    ]);
    for (const [method, path] of [
      ['POST', '/chatroom'],
      ['PATCH', `/chatroom/${roomId}`],
      ['DELETE', `/chatroom/${roomId}`],
      ['POST', `/chatroom/${roomId}/message`],
      ['POST', '/events/ticket'],
    ] as const)
      expectRefused(await me.call(method, path, { body: { name: 'x', content: 'x' } }));
    expect((await me.call('GET', `/chatroom/${roomId}`)).status).toBe(200);
    expect((await other.call('POST', '/chatroom', { body: { name: 'Mine' } })).status).toBe(201);
  });

  it('are refused before any other check', async () => {
    const me = await start({ ACCOUNT_WRITES_MINUTE: '2', BASIC_DAILY_LIMIT: '0' });
    const roomId = await me.room();
    expect(expectProblem(await me.ask(roomId, 'Why?'), 429)).toBe('daily_limit_reached');
    expectRefused(await me.ask(roomId, 'Why?'));
    expectRefused(await me.call('POST', '/chatroom', { body: '{"broken' }));
    expectRefused(await me.call('POST', '/chatroom', { body: {} }));
  });

  it('do not include signing out and cancelling a reply', async () => {
    const me = await start({ ACCOUNT_WRITES_MINUTE: '2' });
    const roomId = await me.room();
    const { body } = await me.ask(roomId, 'Why?');
    expectRefused(await me.ask(roomId, 'Why?'));
    const cancelled = await me.call('POST', `/chatroom/${roomId}/messages/${body.reply.id}/cancel`);
    expect([202, 409]).toContain(cancelled.status);
    const { refresh_token } = me.tokens;
    expect((await request('POST', `${me.url}/auth/refresh`, { body: { refresh_token } })).status).toBe(200);
    expect((await me.call('POST', '/auth/logout')).status).toBe(204);
  });

  it('are not limited when the setting is 0', async () => {
    const me = await start({ ACCOUNT_WRITES_MINUTE: '0' });
    const roomId = await me.room();
    const answers = await statuses(130, () => me.call('PATCH', `/chatroom/${roomId}`, { body: { name: 'x' } }));
    expect(new Set(answers)).toEqual(new Set([200]));
  });
});

describe('live feeds', () => {
  it('and their tickets are limited per minute', async () => {
    const me = await start({ ACCOUNT_FEEDS_MINUTE: '3' });
    expect(await statuses(2, () => me.call('POST', '/events/ticket'))).toEqual([201, 201]);
    await using _feed = await me.events();
    expectRefused(await me.call('GET', '/events'));
    expectRefused(await me.call('POST', '/events/ticket'));
    await expect(openSilently(me, me)).rejects.toThrow('refused: 429');
    expect((await me.call('POST', '/chatroom', { body: { name: 'x' } })).status).toBe(201);
  });

  it('are limited in number at a time', async () => {
    const me = await start({ ACCOUNT_FEEDS_OPEN: '2', ACCOUNT_REQUESTS_AT_ONCE: '1' });
    const feeds: AsyncDisposable[] = [await openFeedSocket(me, me), await me.events()];
    expectRefused(await me.call('GET', '/events'));
    await expect(openSilently(me, me)).rejects.toThrow('refused: 429');
    // Feeds do not count as requests in progress.
    expect((await me.call('GET', '/chatroom')).status).toBe(200);
    await feeds[0]![Symbol.asyncDispose]();
    await expect
      .poll(() =>
        me.events().then(
          (feed) => feeds.push(feed),
          () => 0,
        ),
      )
      .toBe(3);
    for (const feed of feeds) await feed[Symbol.asyncDispose]();
  });
});

describe('requests that reach Stripe', () => {
  it('are limited per minute', async () => {
    await using stripe = await startFakeStripe();
    const me = await start({
      ACCOUNT_BILLING_MINUTE: '2',
      STRIPE_SECRET_KEY: stripe.secretKey,
      STRIPE_WEBHOOK_SECRET: 'whsec_test',
      STRIPE_PRO_PRICE_ID: stripe.proPriceId,
      STRIPE_API_BASE: stripe.url,
    });
    expect((await me.call('POST', '/subscribe/pro')).status).toBe(201);
    expect((await me.call('POST', '/subscribe/portal')).status).toBe(201);
    expectRefused(await me.call('POST', '/subscribe/pro'));
    expectRefused(await me.call('POST', '/subscribe/portal'));
    expect((await me.call('GET', '/subscribe/status')).status).toBe(200);
  });
});

describe('guesses from an address', () => {
  const environment = { OTP_VERIFY_ADDRESS_HOURLY: '3', TRUSTED_PROXIES: '127.0.0.1' };
  const guess = (url: string, address: string) =>
    request('POST', `${url}/auth/verify-otp`, {
      body: { mobile_number: freshNumber(), otp: '123456' },
      headers: { 'x-forwarded-for': address },
    });

  it('are limited per hour, over all numbers', async () => {
    const url = await startWith(environment);
    expect(await statuses(3, () => guess(url, '2001:db8:1:2::1'))).toEqual([400, 400, 400]);
    const refused = await guess(url, '2001:db8:1:2::2');
    expect(expectProblem(refused, 429)).toBe('too_many_requests');
    expect((await guess(url, '2001:db8:1:3::1')).status).toBe(400);
  });
});

describe('an address behind proxies', () => {
  // As some proxies write it: with a port that differs between connections.
  it.each(['203.0.113.9:%', '[2001:db8:9:9::%]:%', '::ffff:203.0.113.10', 'unknown-%', '203.0.113.11, 127.0.0.1:%'])(
    'is one, written as %s',
    async (written) => {
      const url = await startWith({ OTP_VERIFY_ADDRESS_HOURLY: '3', TRUSTED_PROXIES: '127.0.0.1' });
      let n = 0;
      const guess = () =>
        request('POST', `${url}/auth/verify-otp`, {
          body: { mobile_number: freshNumber(), otp: '123456' },
          headers: { 'x-forwarded-for': written.replaceAll('%', () => String(++n + 1000)) },
        });
      expect(await statuses(4, guess)).toEqual([400, 400, 400, 429]);
    },
  );
});

describe.skipIf(!services.postgres || !canSpawnRedis)('with Redis', () => {
  it('several processes share a rate, and count alone while it is away', async () => {
    await using redis = await startRedis();
    await using shared = await distributedPlace();
    const environment = { REDIS_URL: redis.url, ACCOUNT_WRITES_MINUTE: '40', OTP_VERIFY_ADDRESS_HOURLY: '60' };
    await using one = await startProduct(shared, { environment, role: 'api' });
    await using two = await startProduct(shared, { environment, role: 'api' });
    const [me, other] = [await signIn(one.url), await signIn(one.url)];
    const write = (client: Client, url: string) => () =>
      client.call('POST', '/chatroom', { body: { name: 'x' }, url }).then((answer) => answer);

    const answers = [...(await statuses(40, write(me, one.url))), ...(await statuses(40, write(me, two.url)))];
    const accepted = answers.filter((status) => status === 201).length;
    // One process allows 40; the other a tenth before it shares its count, and the request during which it learns the total.
    expect(accepted).toBeGreaterThanOrEqual(40);
    expect(accepted).toBeLessThanOrEqual(46);

    await redis.kill();
    const startedAt = performance.now();
    const alone = await statuses(45, write(other, one.url));
    expect(alone.filter((status) => status === 201)).toHaveLength(40);
    expect(alone.slice(40)).toEqual([429, 429, 429, 429, 429]);
    expect(performance.now() - startedAt).toBeLessThan(45_000);
    // Guesses fail closed.
    const body = { mobile_number: freshNumber(), otp: '123456' };
    expect((await request('POST', `${one.url}/auth/verify-otp`, { body })).status).toBe(503);
  });
});
