/** Attacks that try to block sign-in: by exhausting the SMS budget, and by wrong guesses. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { freshNumber, request } from '../client.ts';
import { anyPlace, startProduct, type Environment, type Place, type RunningProduct } from '../harness.ts';
import { guess, sendCode, signUp, tally, wrongCode } from './guessing.ts';
import { smsBox, type SmsBox } from './sms-box.ts';

/** Limits of the whole service at a tenth of the default, and no waits. */
const limits: Environment = {
  OTP_GLOBAL_HOURLY: '100',
  OTP_ADDRESS_HOURLY: '10',
  OTP_PREFIX_HOURLY: '20',
  OTP_NUMBER_HOURLY: '5',
  OTP_RESEND_SECONDS: '0',
  // Lets a test choose its client address.
  TRUSTED_PROXIES: '127.0.0.1',
};
const from = (address: string) => ({ 'x-forwarded-for': address });
/** An address in the n-th network, each a different /48. */
const network = (n: number) => from(`2001:db8:${n.toString(16)}::1`);
const victimAtHome = from('203.0.113.7');

let place: Place;
let box: SmsBox;
let running: RunningProduct;
let url: string;

/** Starts a product for the tests of a `describe`. */
function withLimits(changed: Environment): void {
  beforeAll(async () => {
    place = await anyPlace();
    box = smsBox();
    running = await startProduct(place, { environment: { ...limits, ...changed }, overrides: { sms: box.sms } });
    ({ url } = running);
  });
  afterAll(async () => {
    await running[Symbol.asyncDispose]();
    await place[Symbol.asyncDispose]();
  });
}

/** Resolves with the latest code once `count` codes were sent to the number. */
async function codeNumber(count: number, number: string): Promise<string> {
  await expect.poll(() => box.codesTo(number), { timeout: 10_000 }).toHaveLength(count);
  return box.codesTo(number).at(-1)!;
}

/** A user who has signed in before. */
async function regular(): Promise<{ number: string; refresh_token: string; access_token: string }> {
  const number = freshNumber();
  // A server that has just started may shed the first requests.
  await expect.poll(async () => (await signUp(url, number, victimAtHome)).status, { timeout: 10_000 }).toBe(201);
  await expect.poll(async () => (await sendCode(url, number, victimAtHome)).status, { timeout: 10_000 }).toBe(200);
  const { status, body } = await guess(url, number, await codeNumber(1, number), victimAtHome);
  expect(status).toBe(200);
  return { number, ...body };
}

async function isSignedIn({ access_token }: { access_token: string }): Promise<boolean> {
  const headers = { authorization: `Bearer ${access_token}` };
  return (await request('GET', `${url}/user/me`, { headers })).status === 200;
}

describe('the hourly SMS budget', () => {
  withLimits({});

  it(
    'is not exhausted by 500 requests for numbers without an account, from 100 networks',
    { timeout: 60_000 },
    async () => {
      const { number } = await regular();
      const answers = [];
      for (let n = 0; n < 100; n++)
        answers.push(...(await Promise.all(Array.from({ length: 5 }, () => sendCode(url, freshNumber(), network(n))))));
      expect(tally(answers)).toEqual({ '200': 500 });
      expect(await sendCode(url, number, victimAtHome)).toMatchObject({ status: 200 });
      await codeNumber(2, number);
      expect(box.total).toBe(2);
    },
  );

  it(
    'is exhausted by at most half by accounts invented for it, which are answered like others',
    { timeout: 60_000 },
    async () => {
      const { number } = await regular();
      for (let n = 0; n < 60; n++) {
        const madeUp = freshNumber();
        await signUp(url, madeUp, network(n));
        expect((await sendCode(url, madeUp, network(n))).status).toBe(200);
      }
      // Two regular users were new themselves, and one of them has returned.
      await expect.poll(() => box.total, { timeout: 10_000 }).toBe(50 + 1);
      expect((await sendCode(url, number, victimAtHome)).status).toBe(200);
      await codeNumber(2, number);
    },
  );
});

describe('limits by range of numbers, network and guesses', () => {
  withLimits({ OTP_GLOBAL_HOURLY: '0' });

  it('reserve half of the SMS to a range of numbers for users who have signed in', async () => {
    const range = freshNumber().slice(0, -3);
    const numbers = Array.from({ length: 15 }, (_, n) => `${range}${String(n).padStart(3, '0')}`);
    const before = box.total;
    for (const [n, number] of numbers.entries()) {
      await signUp(url, number, network(n));
      expect((await sendCode(url, number, network(n))).status).toBe(200);
    }
    await expect.poll(() => box.total, { timeout: 10_000 }).toBe(before + 10);
    const [first = ''] = numbers;
    expect((await guess(url, first, box.codesTo(first)[0]!, network(0))).status).toBe(200);
    await sendCode(url, first, network(0));
    await codeNumber(2, first);
  });

  it('count an IPv6 customer by its /56 and /48, with any number of /64', { timeout: 60_000 }, async () => {
    const ask = (nth64: number) => sendCode(url, freshNumber(), from(`2001:db8:fff0:${nth64.toString(16)}::1`));
    const inOne56 = await Promise.all(Array.from({ length: 50 }, (_, n) => ask(n)));
    expect(tally(inOne56)).toEqual({ '200': 40, '429 too_many_codes': 10 });
    const inOne48 = await Promise.all(Array.from({ length: 150 }, (_, n) => ask((n + 1) * 256)));
    expect(tally(inOne48)).toEqual({ '200': 120, '429 too_many_codes': 30 });
  });

  it('lock a number for the network of ten wrong guesses, while its owner signs in elsewhere and stays signed in', async () => {
    const owner = await regular();
    const { number, refresh_token } = owner;
    const attacker = from('2001:db8:bad::1');
    for (let n = 0; n < 10; n++) {
      if (n % 5 === 0) expect((await sendCode(url, number, attacker)).status).toBe(200);
      expect((await guess(url, number, '000000', attacker)).status).toBe(400);
    }
    for (const sameNetwork of [attacker, from('2001:db8:bad:ffff::2')]) {
      for (const refused of [
        await sendCode(url, number, sameNetwork),
        await guess(url, number, '000000', sameNetwork),
      ]) {
        expect(refused).toMatchObject({ status: 429, body: { code: 'too_many_guesses' } });
        expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(3500);
      }
    }
    expect((await sendCode(url, number, victimAtHome)).status).toBe(200);
    expect((await guess(url, number, await codeNumber(4, number), victimAtHome)).status).toBe(200);
    expect(await isSignedIn(owner)).toBe(true);
    expect((await request('POST', `${url}/auth/refresh`, { body: { refresh_token } })).status).toBe(200);
    // Other numbers are not locked for the attacker's network.
    expect((await sendCode(url, freshNumber(), attacker)).status).toBe(200);
  });

  it("reset the owner's wrong guesses after a right one", async () => {
    const { number } = await regular();
    for (let round = 0; round < 4; round++) {
      await sendCode(url, number, victimAtHome);
      const code = await codeNumber(round + 2, number);
      for (let n = 1; n <= 4; n++) await guess(url, number, wrongCode(code, n), victimAtHome);
      expect((await guess(url, number, code, victimAtHome)).status).toBe(200);
    }
  });
});

describe('without a limit on codes for a number', () => {
  withLimits({ OTP_NUMBER_HOURLY: '0', OTP_GLOBAL_HOURLY: '0' });

  it('fifty wrong guesses in total lock the number everywhere, and end no session', async () => {
    const owner = await regular();
    for (let n = 0; n < 50; n++) {
      const attacker = network(Math.floor(n / 10));
      if (n % 5 === 0) expect((await sendCode(url, owner.number, attacker)).status).toBe(200);
      expect((await guess(url, owner.number, '000000', attacker)).status).toBe(400);
    }
    for (const refused of [
      await sendCode(url, owner.number, victimAtHome),
      await guess(url, owner.number, '000000', victimAtHome),
    ])
      expect(refused).toMatchObject({ status: 429, body: { code: 'too_many_guesses' } });
    expect(await isSignedIn(owner)).toBe(true);
  });
});
