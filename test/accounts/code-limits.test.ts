/** Limits on sending codes: waits between two, and limits by number, address, range of numbers and in total. */
import { Redis } from 'ioredis';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { deriveKeys } from '../../server/accounts/keys.ts';
import { freshNumber } from '../client.ts';
import { anyPlace, startProduct, testEnvironment, type Place, type RunningProduct } from '../harness.ts';
import { canSpawnRedis, startRedis } from '../redis-server.ts';
import { services } from '../services.ts';
import { sqlOf, type Sql } from '../sql.ts';
import { sendCode, signUp, tally } from './guessing.ts';
import { smsBox } from './sms-box.ts';

const keys = deriveKeys([testEnvironment.SECRET_KEY!]);
const hourSeconds = 3600;

const limits = {
  OTP_NUMBER_HOURLY: '5',
  OTP_ADDRESS_HOURLY: '10',
  OTP_PREFIX_HOURLY: '20',
  OTP_GLOBAL_HOURLY: '100',
  OTP_RESEND_SECONDS: '60',
  // Lets a test choose its client address.
  TRUSTED_PROXIES: '127.0.0.1',
};

let addresses = 0;
/** An address that is new in this file. */
const freshAddress = () => `203.0.${113 + Math.floor(++addresses / 250)}.${addresses % 250}`;
const from = (address: string) => ({ 'x-forwarded-for': address });

describe('sending codes', () => {
  let place: Place;
  let running: RunningProduct;
  let sql: Sql;
  let url: string;
  const box = smsBox();

  beforeAll(async () => {
    place = await anyPlace();
    running = await startProduct(place, { environment: limits, overrides: { sms: box.sms } });
    sql = sqlOf(running);
    ({ url } = running);
  });
  afterAll(async () => {
    await running[Symbol.asyncDispose]();
    await place[Symbol.asyncDispose]();
  });

  const send = (number: string, address = freshAddress()) => sendCode(url, number, from(address));

  /** Sends a code to a user who has signed in before. */
  async function sendToRegular(number: string): Promise<number> {
    await sql(`insert into users (mobile_number, verified_at) values ($1, now())`, [number]);
    return (await send(number)).status;
  }

  /** Moves the time of the last code back. */
  const wait = (number: string, seconds: number) =>
    sql(`update otp_codes set last_sent_at = last_sent_at - make_interval(secs => $2) where number_key = $1`, [
      keys.keyedHash(number),
      seconds,
    ]);

  it('must wait 60, then 120, then 300 seconds, as the answer says', async () => {
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

  it('allows five an hour for a number from any address', async () => {
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

  it('allows ten an hour for an address or IPv6 network', async () => {
    for (const [first, sameAs, other] of [
      ['198.51.100.7', '198.51.100.7', '198.51.100.8'],
      ['2001:db8:1:2::1', '2001:db8:1:2:ffff:0:0:9', '2001:db8:1:3::1'],
    ] as const) {
      for (let sent = 0; sent < 10; sent++) expect((await send(freshNumber(), first)).status).toBe(200);
      expect(await send(freshNumber(), sameAs)).toMatchObject({ status: 429, body: { code: 'too_many_codes' } });
      expect((await send(freshNumber(), other)).status).toBe(200);
    }
  });

  it('allows twenty SMS an hour to a range of numbers, without revealing the limit', async () => {
    const range = freshNumber().slice(0, -3);
    const inRange = (n: number) => `${range}${String(n).padStart(3, '0')}`;
    const before = box.total;
    for (let n = 0; n < 22; n++) expect(await sendToRegular(inRange(n))).toBe(200);
    const elsewhere = freshNumber();
    expect(await sendToRegular(elsewhere)).toBe(200);
    await expect.poll(() => box.codesTo(elsewhere), { timeout: 10_000 }).toHaveLength(1);
    expect(box.total).toBe(before + 21);
  });

  it.skipIf(!services.postgres || !services.redis)('allows ten a day for a number', async () => {
    const { REDIS_URL, REDIS_PREFIX } = place.environment;
    const redis = new Redis(REDIS_URL!);
    const number = freshNumber();
    for (let sent = 0; sent < 10; sent++) {
      // Ends the hour for the limit.
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

  it('allows a hundred SMS an hour in total, then answers every number the same', async () => {
    while (box.total < 100) {
      const { total } = box;
      expect(await sendToRegular(freshNumber())).toBe(200);
      await expect.poll(() => box.total, { timeout: 10_000 }).toBe(total + 1);
    }
    expect(await sendToRegular(freshNumber())).toBe(429);
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
    await expect.poll(() => sent, { timeout: 10_000 }).toHaveLength(1);
  });
});
