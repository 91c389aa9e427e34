/** SECRET_KEY is rotated while users are signed in: no session ends until the old key is removed. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { TokenPair } from '../../server/accounts/sessions.ts';
import { clientOf, freshNumber, request, signIn, type Client } from '../client.ts';
import { anyPlace, startProduct, testEnvironment, type Place, type RunningProduct } from '../harness.ts';
import { guess, sendCode, signUp, wrongCode } from './guessing.ts';

const [older, newer] = [testEnvironment.SECRET_KEY!, 'd5c1f7a92b3e48609f7ad1b0c4e86253'];

let place: Place;
beforeAll(async () => {
  place = await anyPlace();
});
afterAll(() => place[Symbol.asyncDispose]());

const startWith = (...secrets: string[]) =>
  startProduct(place, { role: 'all', environment: { SECRET_KEY: secrets.join(', ') } });

const works = async ({ url }: RunningProduct, tokens: TokenPair) =>
  (await clientOf(url, '', tokens).call('GET', '/user/me')).status;
const refresh = ({ url }: RunningProduct, { refresh_token }: TokenPair) =>
  request('POST', `${url}/auth/refresh`, { body: { refresh_token } });
const keyIdOf = ({ access_token }: TokenPair): string =>
  JSON.parse(Buffer.from(access_token.split('.')[0]!, 'base64url').toString()).kid;

describe('a secret', () => {
  let user: Client;
  let other: Client;
  const waiting = freshNumber();
  let waitingCode: string;
  const guessed = freshNumber();
  let guessedCode: string;
  let renewed: TokenPair;

  it('signs users in', async () => {
    await using running = await startWith(older);
    [user, other] = [await signIn(running.url), await signIn(running.url)];
    for (const number of [waiting, guessed]) await signUp(running.url, number);
    waitingCode = (await sendCode(running.url, waiting)).body.otp;
    guessedCode = (await sendCode(running.url, guessed)).body.otp;
    for (let n = 1; n <= 4; n++) await guess(running.url, guessed, wrongCode(guessedCode, n));
    // A process without the new key refuses its signatures.
    await using stranger = await startWith(newer);
    expect(await works(stranger, user.tokens)).toBe(401);
  }, 60_000);

  it('after a newer one stays valid, and signs no new tokens', async () => {
    await using running = await startWith(newer, older);
    expect(await works(running, user.tokens)).toBe(200);
    const answer = await refresh(running, user.tokens);
    expect(answer.status).toBe(200);
    renewed = answer.body;
    expect(keyIdOf(renewed)).not.toBe(keyIdOf(user.tokens));
    expect((await guess(running.url, waiting, waitingCode)).status).toBe(200);
    // Earlier guesses still count: the fifth is the last.
    expect(await guess(running.url, guessed, wrongCode(guessedCode, 5))).toMatchObject({
      status: 400,
      body: { detail: expect.stringContaining('not right') },
    });
    expect((await guess(running.url, guessed, guessedCode)).status).toBe(400);
    // A newer code replaces one of the older secret.
    const { otp } = (await sendCode(running.url, guessed)).body;
    expect((await guess(running.url, guessed, otp)).status).toBe(200);
  }, 60_000);

  it('that is removed invalidates what it signed, and nothing else', async () => {
    await using running = await startWith(newer);
    expect(await works(running, renewed)).toBe(200);
    expect((await refresh(running, renewed)).status).toBe(200);
    expect(await works(running, other.tokens)).toBe(401);
    expect((await refresh(running, other.tokens)).status).toBe(401);
    expect(await works(running, user.tokens)).toBe(401);
  }, 60_000);
});
