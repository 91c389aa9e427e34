/** One-time codes: lifetime, number of guesses, and the lock after too many wrong ones. */
import { describe, expect } from 'vitest';
import { deriveKeys } from '../../server/accounts/keys.ts';
import { freshNumber, request, signIn } from '../client.ts';
import { scaled } from '../fault-scale.ts';
import { productTest } from '../fixtures.ts';
import { testEnvironment } from '../harness.ts';
import { services } from '../services.ts';
import { guess, sendCode, signUp, tally, wrongCode } from './guessing.ts';

const guessesPerCode = 5;
const parallelGuesses = 200;
const rounds = scaled(2);

const keys = deriveKeys([testEnvironment.SECRET_KEY!]);
const numberKey = (number: string) => keys.keyedHash(number);

async function codeFor(url: string, number = freshNumber()): Promise<{ number: string; code: string }> {
  await signUp(url, number);
  return { number, code: (await sendCode(url, number)).body.otp };
}

const it = productTest();

describe('a code', () => {
  it('has six digits and works once', async ({ url }) => {
    const { number, code } = await codeFor(url);
    expect(code).toMatch(/^\d{6}$/);
    expect((await guess(url, number, code)).status).toBe(200);
    expect(await guess(url, number, code)).toMatchObject({ status: 400, body: { code: 'invalid_code' } });
  });

  it('allows five guesses; after that the right one fails too', async ({ url }) => {
    const { number, code } = await codeFor(url);
    for (let n = 1; n <= guessesPerCode; n++) {
      expect(await guess(url, number, wrongCode(code, n))).toMatchObject({
        status: 400,
        body: { code: 'invalid_code' },
      });
    }
    expect((await guess(url, number, code)).status).toBe(400);
    const { body } = await sendCode(url, number);
    expect((await guess(url, number, body.otp)).status).toBe(200);
  });

  it('expires after five minutes', async ({ sql, url }) => {
    const { number, code } = await codeFor(url);
    const life = await sql<{ seconds: number }>(
      `select extract(epoch from expires_at - now())::float8 as seconds from otp_codes where number_key = $1`,
      [numberKey(number)],
    );
    expect(life[0]!.seconds).toBeGreaterThan(290);
    expect(life[0]!.seconds).toBeLessThanOrEqual(300);
    await sql(`update otp_codes set expires_at = now() where number_key = $1`, [numberKey(number)]);
    expect(await guess(url, number, code)).toMatchObject({ status: 400, body: { code: 'invalid_code' } });
  });

  it('is replaced by a newer one', async ({ url }) => {
    const { number, code: old } = await codeFor(url);
    let fresh = (await sendCode(url, number)).body.otp;
    while (fresh === old) fresh = (await sendCode(url, number)).body.otp;
    expect((await guess(url, number, old)).status).toBe(400);
    expect((await guess(url, number, fresh)).status).toBe(200);
  });

  it('is stored as a keyed hash, and so is its number', async ({ sql, url }) => {
    const { number, code } = await codeFor(url);
    const [row] = await sql(`select * from otp_codes where number_key = $1`, [numberKey(number)]);
    const kept = JSON.stringify(row);
    expect(kept).not.toContain(number.slice(1));
    expect(row!.code_mac).toMatch(/^[\w-]{43}$/);
    expect(row!.code_mac).toBe(keys.codeMac(number, code));
    expect(row!.code_mac).not.toBe(deriveKeys(['another secret']).codeMac(number, code));
  });

  it('is valid for the number it was sent to', async ({ url }) => {
    const [mine, other] = [await codeFor(url), await codeFor(url)];
    expect((await guess(url, other.number, mine.code)).status).toBe(400);
    expect((await guess(url, mine.number, mine.code)).status).toBe(200);
  });

  it('is locked with the number after ten wrong guesses in an hour; sessions stay valid', async ({
    sql,
    url,
    user,
  }) => {
    const { number } = user;
    for (let codes = 0; codes < 2; codes++) {
      const { otp } = (await sendCode(url, number)).body;
      for (let n = 1; n <= guessesPerCode; n++) await guess(url, number, wrongCode(otp, n));
    }
    for (const refused of [await sendCode(url, number), await guess(url, number, '000000')]) {
      expect(refused).toMatchObject({ status: 429, body: { code: 'too_many_guesses' } });
      expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(3500);
      expect(Number(refused.headers.get('retry-after'))).toBeLessThanOrEqual(3600);
    }
    expect((await user.call('GET', '/user/me')).status).toBe(200);
    const { refresh_token } = user.tokens;
    expect((await request('POST', `${url}/auth/refresh`, { body: { refresh_token } })).status).toBe(200);
    expect((await signIn(url)).number).not.toBe(number);
    await sql(`update otp_wrong_guesses set wrong_since = wrong_since - interval '1 hour' where number_key = $1`, [
      numberKey(number),
    ]);
    const { otp } = (await sendCode(url, number)).body;
    expect((await guess(url, number, otp)).status).toBe(200);
  });
});

describe.skipIf(!services.postgres || !services.redis)('a code guessed in parallel at two API processes', () => {
  it.beforeAll(({ second }) => void second);

  const rush = (urls: readonly [string, string], number: string, codeOf: (n: number) => string) =>
    Promise.all(Array.from({ length: parallelGuesses }, (_, n) => guess(urls[n % 2]!, number, codeOf(n))));

  it(
    `creates one session for ${parallelGuesses} right guesses`,
    { timeout: rounds * 30_000 },
    async ({ second, sql, url }) => {
      for (let round = 0; round < rounds; round++) {
        const { number, code } = await codeFor(url);
        expect(tally(await rush([url, second.url], number, () => code))).toEqual({
          '200': 1,
          '400 invalid_code': parallelGuesses - 1,
        });
        const sessions = `select count(*)::int as count from sessions join users on users.id = user_id where mobile_number = $1`;
        expect(await sql(sessions, [number])).toEqual([{ count: 1 }]);
      }
    },
  );

  it(
    `compares at most ${guessesPerCode} of ${parallelGuesses} wrong guesses`,
    { timeout: rounds * 30_000 },
    async ({ second, sql, url }) => {
      for (let round = 0; round < rounds; round++) {
        const { number, code } = await codeFor(url);
        const answers = await rush([url, second.url], number, (n) => wrongCode(code, n + 1));
        expect(tally(answers)).toEqual({ '400 invalid_code': parallelGuesses });
        // Only compared guesses are answered as wrong.
        expect(answers.filter(({ body }) => /not right/.test(body.detail))).toHaveLength(guessesPerCode);
        const counts = await sql(`select guesses, wrong from otp_codes where number_key = $1`, [numberKey(number)]);
        expect(counts).toEqual([{ guesses: guessesPerCode, wrong: guessesPerCode }]);
        expect((await guess(second.url, number, code)).status).toBe(400);
      }
    },
  );
});
