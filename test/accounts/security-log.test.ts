/** Security events are logged, one line each, without personal data. */
import { Writable } from 'node:stream';
import { pino } from 'pino';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { startFakeStripe } from '../../dev/stripe/fake-stripe.ts';
import { clientRanges } from '../../server/accounts/client-range.ts';
import { deriveKeys } from '../../server/accounts/keys.ts';
import { freshNumber, request, signIn } from '../client.ts';
import { anyPlace, startProduct, testEnvironment, type RunningProduct } from '../harness.ts';
import { sqlOf } from '../sql.ts';
import { deliverTo, quiet, sellThrough, startCheckout } from '../subscriptions/shop.ts';
import { guess, sendCode, signUp, wrongCode } from './guessing.ts';

const address = '127.0.0.1';
const keys = deriveKeys([testEnvironment.SECRET_KEY!]);
const hashed = (text: string) => keys.keyedHash(text).slice(0, 16);

/** The log since the test began, line by line, and since the server started. */
let lines: string[] = [];
const whole: string[] = [];
/** Values that must not be logged. */
const secrets: string[] = [];

const cleanUp = new AsyncDisposableStack();
let running: RunningProduct;
let url: string;
let stripe: Awaited<ReturnType<typeof startFakeStripe>>;

beforeAll(async () => {
  stripe = cleanUp.use(await startFakeStripe({ automatic: true }));
  const place = cleanUp.use(await anyPlace());
  const sink = new Writable({
    write(chunk, _, done) {
      lines.push(String(chunk));
      whole.push(String(chunk));
      done();
    },
  });
  running = cleanUp.use(
    await startProduct(place, {
      environment: sellThrough(stripe),
      log: pino({ level: 'info', base: null, timestamp: false }, sink),
    }),
  );
  ({ url } = running);
  deliverTo(stripe, url);
});
afterAll(() => cleanUp.disposeAsync());
beforeEach(() => {
  lines = [];
});

const events = () => lines.map((line) => JSON.parse(line)).filter(({ security }) => security !== undefined);

/** Of a number, from this machine. */
const of = (number: string) => ({ number: hashed(number), network: hashed(clientRanges(address).at(-1)!) });

async function codeFor(number: string): Promise<string> {
  const { otp } = (await sendCode(url, number)).body;
  // Six digits of a code may occur in a time by chance; the quotes distinguish them.
  secrets.push(number.slice(1), `"${otp}"`);
  return otp;
}

describe('the security log', () => {
  it('has a line for a sign-in, and for each failed guess', async () => {
    const number = freshNumber();
    await signUp(url, number);
    const code = await codeFor(number);
    await guess(url, number, wrongCode(code));
    const { body } = await guess(url, number, code);
    await guess(url, number, code);
    secrets.push(body.access_token, body.refresh_token);
    const failed = { level: 30, security: 'sign_in_failed', ...of(number), msg: 'security event' };
    expect(events()).toEqual([
      { ...failed, reason: 'wrong' },
      { ...failed, security: 'signed_in', user_id: expect.any(Number), session_id: body.refresh_token.split('.')[0] },
      { ...failed, reason: 'no_code' },
    ]);
  });

  it('has a line for the lock of a network, and for each guess it refuses', async () => {
    const number = freshNumber();
    for (let n = 0; n < 10; n++) {
      if (n % 5 === 0) await codeFor(number);
      await guess(url, number, 'abcdef');
    }
    await guess(url, number, 'abcdef');
    const found = events();
    expect(found.map(({ security }) => security)).toEqual([
      ...Array.from({ length: 9 }, () => 'sign_in_failed'),
      'network_locked',
      'sign_in_failed',
      'sign_in_failed',
    ]);
    expect(found[9]).toEqual({ level: 40, security: 'network_locked', ...of(number), msg: 'security event' });
    expect(found.at(-1)).toMatchObject({ reason: 'locked' });
  });

  it('has a line for the reuse of a refresh token', async () => {
    const { number, tokens } = await signIn(url);
    secrets.push(number.slice(1), tokens.refresh_token, tokens.access_token);
    const refresh = (refresh_token: string) => request('POST', `${url}/auth/refresh`, { body: { refresh_token } });
    const second = await refresh(tokens.refresh_token);
    await refresh(second.body.refresh_token);
    lines = [];
    expect((await refresh(tokens.refresh_token)).status).toBe(401);
    const session_id = tokens.refresh_token.split('.')[0];
    expect(events()).toEqual([
      {
        level: 40,
        security: 'refresh_reused',
        user_id: expect.any(Number),
        ...of(number),
        session_id,
        msg: 'security event',
      },
    ]);
  });

  it('has a line for a plan that was paid for', async () => {
    const user = await signIn(url);
    secrets.push(user.number.slice(1));
    const { session_id } = await startCheckout(user);
    lines = [];
    stripe.completeCheckout(session_id, { payment: 'succeeds' });
    await expect
      .poll(async () => (await user.call('GET', '/user/me')).body.subscription_tier, { timeout: 10_000 })
      .toBe('Pro');
    await quiet(sqlOf(running));
    const changed = { level: 30, security: 'plan_changed', user_id: expect.any(Number), number: hashed(user.number) };
    expect(events()).toEqual([{ ...changed, from: 'Basic', to: 'Pro', by: 'payment', msg: 'security event' }]);
  });
});

it('contains no phone number and no token', () => {
  expect(secrets.length).toBeGreaterThan(10);
  const log = whole.join('');
  for (const secret of secrets) expect(log).not.toContain(secret);
});
