/** How often codes are sent: waits between two, and limits by number, address, range of numbers and in all. */
import { Redis } from 'ioredis';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { deriveKeys } from '../../server/accounts/keys.ts';
import { freshNumber } from '../client.ts';
import { anyPlace, startProduct, testEnvironment, type Place, type RunningProduct } from '../harness.ts';
import { canSpawnRedis, startRedis } from '../redis-server.ts';
import { services } from '../services.ts';
import { sqlOf, type Sql } from '../sql.ts';
import { sendCode, signUp, tally } from './guessing.ts';

const keys = deriveKeys([testEnvironment.SECRET_KEY!]);
const hourSeconds = 3600;

const limits = {
  OTP_NUMBER_HOURLY: '5',
  OTP_ADDRESS_HOURLY: '10',
  OTP_PREFIX_HOURLY: '20',
  OTP_GLOBAL_HOURLY: '100',
  OTP_RESEND_SECONDS: '60',
  // Lets a test choose the address it comes from.
  TRUSTED_PROXIES: '127.0.0.1',
};

let addresses = 0;
/** An address nobody in this file used before. */
const freshAddress = () => `203.0.113.${++addresses}`;
const from = (address: string) => ({ 'x-forwarded-for': address });

describe('sending codes', () => {
  let place: Place;
  let running: RunningProduct;
  let sql: Sql;
  let url: string;
  let sends = 0;

  beforeAll(async () => {
    place = await anyPlace();
    running = await startProduct(place, { environment: limits });
    sql = sqlOf(running);
    ({ url } = running);
  });
  afterAll(async () => {
    await running[Symbol.asyncDispose]();
    await place[Symbol.asyncDispose]();
  });

  async function send(number: string, address = freshAddress()) {
    const answer = await sendCode(url, number, from(address));
    if (answer.status === 200) sends += 1;
    return answer;
  }

  /** As if the last code had been sent that much earlier. */
  const wait = (number: string, seconds: number) =>
    sql(`update otp_codes set last_sent_at = last_sent_at - make_interval(secs => $2) where number_key = $1`, [
      keys.keyedHash(number),
      seconds,
    ]);

  it('waits 60, then 120, then 300 seconds, and says so', async () => {
    const number = freshNumber();
    await signUp(url, number);
    for (const seconds of [60, 120, 300, 300]) {
      expect(await send(number)).toMatchObject({ status: 200, body: { resend_after: seconds, expires_in: 300 } });
      await wait(number, seconds - 5);
      const refused = await send(number);
      expect(refused).toMatchObject({ status: 429, body: { code: 'too_many_codes' } });
      expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
      expect(Number(refused.headers.get('retry-after'))).toBeLessThanOrEqual(5);
      await wait(number, 5);
    }
    await wait(number, hourSeconds);
    expect((await send(number)).body.resend_after).toBe(60);
  });

  it('allows five an hour for a number, whatever the address', async () => {
    const number = freshNumber();
    for (let sent = 0; sent < 5; sent++) {
      expect((await send(number)).status).toBe(200);
      await wait(number, 300);
    }
    const refused = await send(number);
    expect(refused).toMatchObject({ status: 429, body: { code: 'too_many_codes' } });
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(hourSeconds - 60);
    expect((await send(freshNumber())).status).toBe(200);
  });

  it('allows ten an hour for an address, an IPv6 network counting as one', async () => {
    for (const [first, sameAs, other] of [
      ['198.51.100.7', '198.51.100.7', '198.51.100.8'],
      ['2001:db8:1:2::1', '2001:db8:1:2:ffff:0:0:9', '2001:db8:1:3::1'],
    ] as const) {
      for (let sent = 0; sent < 10; sent++) expect((await send(freshNumber(), first)).status).toBe(200);
      expect(await send(freshNumber(), sameAs)).toMatchObject({ status: 429, body: { code: 'too_many_codes' } });
      expect((await send(freshNumber(), other)).status).toBe(200);
    }
  });

  it('allows twenty an hour for a range of numbers', async () => {
    const range = freshNumber().slice(0, -3);
    const inRange = (n: number) => `${range}${String(n).padStart(3, '0')}`;
    for (let n = 0; n < 20; n++) expect((await send(inRange(n))).status).toBe(200);
    expect(await send(inRange(999))).toMatchObject({ status: 429, body: { code: 'too_many_codes' } });
    expect((await send(freshNumber())).status).toBe(200);
  });

  it.skipIf(!services.postgres || !services.redis)('allows ten a day for a number', async () => {
    const { REDIS_URL, REDIS_PREFIX } = place.environment;
    const redis = new Redis(REDIS_URL!);
    const number = freshNumber();
    for (let sent = 0; sent < 10; sent++) {
      // As if the hour were over.
      if (sent === 5) await redis.del(`${REDIS_PREFIX}:limit:otp:number:${keys.keyedHash(number)}`);
      expect((await send(number)).status).toBe(200);
      await wait(number, 300);
    }
    await redis.del(`${REDIS_PREFIX}:limit:otp:number:${keys.keyedHash(number)}`);
    redis.disconnect();
    const refused = await send(number);
    expect(refused.status).toBe(429);
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(23 * hourSeconds);
  });

  it('allows a hundred an hour in all', async () => {
    while (sends < 100) expect((await send(freshNumber())).status).toBe(200);
    expect(await send(freshNumber())).toMatchObject({ status: 429, body: { code: 'too_many_codes' } });
  });

  it('limits sign-ups by address too', async () => {
    const rush = await Promise.all(Array.from({ length: 101 }, () => signUp(url, freshNumber(), from('192.0.2.1'))));
    expect(tally(rush)).toEqual({ '201': 100, '429 too_many_requests': 1 });
    expect((await signUp(url, freshNumber(), from('192.0.2.2'))).status).toBe(201);
  });
});

describe.skipIf(!services.postgres || !services.redis || !canSpawnRedis)('without the store of limits', () => {
  it('sends no code', async () => {
    await using redis = await startRedis();
    await using place = await anyPlace();
    const sent: string[] = [];
    await using running = await startProduct(place, {
      role: 'api',
      environment: { REDIS_URL: redis.url, OTP_NUMBER_HOURLY: '5' },
      overrides: { sms: { label: 'recorder', send: async (_to, text) => void sent.push(text) } },
    });
    const number = freshNumber();
    await signUp(running.url, number);
    await redis.kill();
    expect(await sendCode(running.url, number)).toMatchObject({ status: 503, body: { code: 'service_unavailable' } });
    await redis.restart();
    await expect.poll(async () => (await sendCode(running.url, number)).status, { timeout: 10_000 }).toBe(200);
    expect(sent).toHaveLength(1);
  });
});
