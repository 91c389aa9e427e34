/** Sessions over several processes: rotation, reuse of an old token, and signing out everywhere within a second. */
import { randomUUID } from 'node:crypto';
import { expect } from 'vitest';
import type { TokenPair } from '../../server/accounts/sessions.ts';
import { clientOf, request, signIn, type Answer } from '../client.ts';
import { scaled } from '../fault-scale.ts';
import { productTest, testModes } from '../fixtures.ts';
import type { Mode } from '../modes.ts';
import { connectSql } from '../sql.ts';
import { guess, sendCode, tally } from './guessing.ts';

const parallelRefreshes = 100;
const rounds = scaled(3);
const withinMs = 1000;

const refresh = (url: string, refresh_token: string): Promise<Answer> =>
  request('POST', `${url}/auth/refresh`, { body: { refresh_token } });
const sessionOf = ({ access_token }: TokenPair): string =>
  JSON.parse(Buffer.from(access_token.split('.')[1]!, 'base64url').toString()).sid;
const isSignedIn = async (url: string, tokens: TokenPair) =>
  (await clientOf(url, '', tokens).call('GET', '/user/me')).status === 200;

const testIn = (mode: Mode) =>
  productTest({ mode, role: mode.apis > 1 ? 'api' : 'all' })
    .extend('urls', ({ url, second }) => [url, second.url] as const)
    .extend(
      'age',
      ({ sql }) =>
        (sessionId: string, seconds: number) =>
          sql(`update sessions set rotated_at = rotated_at - make_interval(secs => $2) where id = $1`, [
            sessionId,
            seconds,
          ]),
    )
    // Resolves when both processes refuse the tokens; fails if one accepts them after a second.
    .extend('expectEnded', ({ urls }) => async (tokens: TokenPair, sinceMs: number) => {
      for (const url of urls) {
        await expect.poll(() => isSignedIn(url, tokens), { interval: 20, timeout: withinMs }).toBe(false);
      }
      expect(performance.now() - sinceMs).toBeLessThan(withinMs);
    });

testModes('sessions', testIn, (it, mode) => {
  it.beforeAll(({ second }) => void second);

  it(
    `${parallelRefreshes} parallel refreshes return one successor`,
    { timeout: rounds * 30_000 },
    async ({ urls: [here, there], sql }) => {
      for (let round = 0; round < rounds; round++) {
        const { tokens } = await signIn(here);
        const answers = await Promise.all(
          Array.from({ length: parallelRefreshes }, (_, n) => refresh(n % 2 ? here : there, tokens.refresh_token)),
        );
        expect(tally(answers)).toEqual({ '200': parallelRefreshes });
        const [successor = '', ...others] = new Set(answers.map(({ body }): string => body.refresh_token));
        expect(others).toEqual([]);
        expect(successor).not.toBe(tokens.refresh_token);
        expect(await sql(`select generation from sessions where id = $1`, [sessionOf(tokens)])).toEqual([
          { generation: 1 },
        ]);
        expect((await refresh(there, successor)).status).toBe(200);
      }
    },
  );

  it('the old token returns the same successor for ten seconds, then ends the family', async ({
    urls: [here, there],
    user: { tokens: first },
    age,
    expectEnded,
  }) => {
    const second: TokenPair = (await refresh(here, first.refresh_token)).body;
    await age(sessionOf(first), 8);
    expect((await refresh(there, first.refresh_token)).body.refresh_token).toBe(second.refresh_token);
    await age(sessionOf(first), 3);
    const sinceMs = performance.now();
    expect(await refresh(there, first.refresh_token)).toMatchObject({ status: 401, body: { code: 'invalid_token' } });
    await expectEnded(second, sinceMs);
    expect((await refresh(here, second.refresh_token)).status).toBe(401);
  });

  it('a token two generations old ends the family at once', async ({
    urls: [here, there],
    user: { tokens: first },
    expectEnded,
  }) => {
    const second: TokenPair = (await refresh(here, first.refresh_token)).body;
    const third: TokenPair = (await refresh(there, second.refresh_token)).body;
    const sinceMs = performance.now();
    expect((await refresh(here, first.refresh_token)).status).toBe(401);
    await expectEnded(third, sinceMs);
  });

  it('a session that was unused for too long cannot be refreshed', async ({ url, sql, user: { tokens } }) => {
    await sql(`update sessions set expires_at = now() where id = $1`, [sessionOf(tokens)]);
    expect((await refresh(url, tokens.refresh_token)).status).toBe(401);
  });

  it('a session ends ninety days after its start, with any number of refreshes', async ({
    urls: [here, there],
    sql,
    user: { tokens },
  }) => {
    const begun = (ago: string) =>
      sql(`update sessions set created_at = now() - $2::interval where id = $1`, [sessionOf(tokens), ago]);
    await begun('89 days 23:59:00');
    const last = await refresh(here, tokens.refresh_token);
    expect(last.status).toBe(200);
    // The access token ends with it.
    expect(last.body.expires_in).toBeGreaterThan(50);
    expect(last.body.expires_in).toBeLessThanOrEqual(60);
    const { iat, exp } = JSON.parse(Buffer.from(last.body.access_token.split('.')[1], 'base64url').toString());
    expect(exp - iat).toBe(last.body.expires_in);
    await begun('90 days');
    expect((await refresh(there, last.body.refresh_token)).status).toBe(401);
  });

  // The embedded database has one connection, so that its transactions do not overlap.
  if (mode.apis > 1)
    it('an end in a long transaction is noticed', async ({ place, urls: [here, there], user, expectEnded }) => {
      const other = await signIn(here);
      await using slow = await connectSql(place);
      await slow.sql('begin');
      await slow.sql(`delete from users where mobile_number = $1`, [user.number]);
      // Every process reads the sessions that ended since.
      const sinceMs = performance.now();
      await other.call('POST', '/auth/logout');
      await expectEnded(other.tokens, sinceMs);
      expect(await isSignedIn(there, user.tokens)).toBe(true);
      const committedMs = performance.now();
      await slow.sql('commit');
      await expectEnded(user.tokens, committedMs);
    });

  it('forged refresh tokens are refused', async ({ url, user }) => {
    const { refresh_token } = user.tokens;
    const [sessionId, , mac] = refresh_token.split('.');
    const madeUp = [
      'x',
      `${sessionId}.1.${mac}`,
      `${randomUUID()}.0.${mac}`,
      `${refresh_token.slice(0, -1)}${refresh_token.endsWith('A') ? 'B' : 'A'}`,
      `${refresh_token}.`,
      `${sessionId}.999999999.${mac}`,
      `${sessionId}.0.${'A'.repeat(43)}`,
    ];
    for (const token of madeUp) expect((await refresh(url, token)).status).toBe(401);
    expect((await refresh(url, 'x'.repeat(513))).status).toBe(422);
    expect((await refresh(url, refresh_token)).status).toBe(200);
  });

  it('signing out ends tokens and live feeds in both processes within a second', async ({
    urls: [here, there],
    user,
    expectEnded,
  }) => {
    const [near, far] = [await user.events(), await user.events({ url: there })];
    expect(await isSignedIn(there, user.tokens)).toBe(true);
    const sinceMs = performance.now();
    expect((await user.call('POST', '/auth/logout')).status).toBe(204);
    expect(await isSignedIn(here, user.tokens)).toBe(false);
    await Promise.all([near.ended, far.ended]);
    await expectEnded(user.tokens, sinceMs);
    expect((await refresh(there, user.tokens.refresh_token)).status).toBe(401);
  });

  it("ending one device's session leaves the others", async ({ urls: [here, there], user: laptop, expectEnded }) => {
    const { otp } = (await sendCode(here, laptop.number)).body;
    const phone = clientOf(there, laptop.number, (await guess(there, laptop.number, otp)).body);
    const { body: listed } = await laptop.call('GET', '/user/sessions');
    expect(listed.map((one: { current: boolean }) => one.current).toSorted()).toEqual([false, true]);
    const [lost, kept] = [await phone.events(), await laptop.events()];
    const sinceMs = performance.now();
    const ended = await laptop.call('DELETE', `/user/sessions/${sessionOf(phone.tokens)}`);
    expect(ended.status).toBe(204);
    await lost.ended;
    await expectEnded(phone.tokens, sinceMs);
    expect(await isSignedIn(there, laptop.tokens)).toBe(true);
    await laptop.room('Still here');
    await kept.next((event) => event.type === 'chatroom.created');
    await kept[Symbol.asyncDispose]();
    expect((await laptop.call('GET', '/user/sessions')).body).toHaveLength(1);
  });

  it("another user's session cannot be ended", async ({ url, user }) => {
    const stranger = await signIn(url);
    const refused = await stranger.call('DELETE', `/user/sessions/${sessionOf(user.tokens)}`);
    expect(refused).toMatchObject({ status: 404, body: { code: 'not_found' } });
    expect(await isSignedIn(url, user.tokens)).toBe(true);
  });

  it('a refresh concurrent with a sign-out leaves no valid session', async ({ urls: [here, there], expectEnded }) => {
    for (let round = 0; round < rounds; round++) {
      const user = await signIn(here);
      const [, ...refreshed] = await Promise.all([
        user.call('POST', '/auth/logout'),
        ...Array.from({ length: 10 }, (_, n) => refresh(n % 2 ? here : there, user.tokens.refresh_token)),
      ]);
      for (const { status, body } of refreshed) {
        if (status === 200) expect((await refresh(there, body.refresh_token)).status).toBe(401);
        else expect(status).toBe(401);
      }
      await expectEnded(user.tokens, performance.now());
    }
  });
});
