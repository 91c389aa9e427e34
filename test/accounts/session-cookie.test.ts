/** A browser's session: the refresh token is in a cookie that scripts cannot read, if the client requests it. */
import { describe, expect } from 'vitest';
import { freshNumber, request, type Answer } from '../client.ts';
import { productTest } from '../fixtures.ts';

const cookieSession = { 'x-session': 'cookie' };

const it = productTest()
  .extend('signInWith', ({ url }) => async (headers: Record<string, string>): Promise<Answer> => {
    const number = freshNumber();
    await request('POST', `${url}/auth/signup`, { body: { mobile_number: number } });
    const sent = await request('POST', `${url}/auth/send-otp`, { body: { mobile_number: number } });
    return request('POST', `${url}/auth/verify-otp`, { body: { mobile_number: number, otp: sent.body.otp }, headers });
  })
  .extend(
    'refreshWith',
    ({ url }) =>
      (cookie: string, headers: Record<string, string> = cookieSession) =>
        request('POST', `${url}/auth/refresh`, { body: {}, headers: { ...headers, cookie } }),
  )
  .extend(
    'me',
    ({ url }) =>
      ({ body }: Answer) =>
        request('GET', `${url}/user/me`, { headers: { authorization: `Bearer ${body.access_token}` } }),
  );

const cookieOf = ({ headers }: Answer) => headers.get('set-cookie') ?? '';
const valueOf = (answer: Answer) => cookieOf(answer).split(';')[0]!;

describe('a session in a cookie', () => {
  it('keeps the refresh token out of the body and away from scripts', async ({ signInWith }) => {
    const answer = await signInWith(cookieSession);
    expect(answer.status).toBe(200);
    expect(Object.keys(answer.body).toSorted()).toEqual(['access_token', 'expires_in', 'token_type']);
    expect(cookieOf(answer)).toMatch(/^pollux-session=[^;]+; Max-Age=\d+; Path=\/auth; HttpOnly; SameSite=Strict$/);
  });

  it('is bound to its https host where the page is https', async ({ signInWith }) => {
    const answer = await signInWith({ ...cookieSession, origin: 'https://chat.example.com' });
    expect(cookieOf(answer)).toMatch(
      /^__Host-pollux-session=[^;]+; Max-Age=\d+; Path=\/; HttpOnly; Secure; SameSite=Strict$/,
    );
  });

  it('is only set on request', async ({ signInWith }) => {
    const answer = await signInWith({});
    expect(answer.headers.has('set-cookie')).toBe(false);
    expect(answer.body.refresh_token).toMatch(/\./);
  });

  it('gets a new cookie with each refresh, and ends when an old cookie is used again', async ({
    signInWith,
    refreshWith,
    me,
  }) => {
    const first = await signInWith(cookieSession);
    const second = await refreshWith(valueOf(first));
    expect(second.status).toBe(200);
    expect(second.body).not.toHaveProperty('refresh_token');
    expect(valueOf(second)).not.toBe(valueOf(first));
    expect((await me(second)).status).toBe(200);
    const third = await refreshWith(valueOf(second));
    expect(third.status).toBe(200);
    // The first was already exchanged twice.
    expect((await refreshWith(valueOf(first))).status).toBe(401);
    await expect.poll(async () => (await me(third)).status).toBe(401);
  });

  it('is ignored without the header, which a foreign page cannot send without a preflight', async ({
    signInWith,
    refreshWith,
  }) => {
    const { status, body } = await refreshWith(valueOf(await signInWith(cookieSession)), {});
    expect(status).toBe(422);
    expect(body.errors).toEqual([expect.objectContaining({ pointer: '/refresh_token' })]);
  });

  it('cannot be forged, and a browser without one is not signed in', async ({ refreshWith }) => {
    for (const cookie of ['pollux-session=made.0.up', 'pollux-session=', 'other=1']) {
      expect((await refreshWith(cookie)).status).toBe(401);
    }
  });

  it('is ended and its cookie deleted by signing out, also without an access token', async ({
    url,
    signInWith,
    refreshWith,
    me,
  }) => {
    const signedIn = await signInWith(cookieSession);
    const out = await request('POST', `${url}/auth/logout`, {
      headers: { ...cookieSession, cookie: valueOf(signedIn) },
    });
    expect(out.status).toBe(204);
    expect(cookieOf(out)).toMatch(/^pollux-session=; Max-Age=0; Path=\/auth; Expires=Thu, 01 Jan 1970/);
    expect((await me(signedIn)).status).toBe(401);
    expect((await refreshWith(valueOf(signedIn))).status).toBe(401);
    const nobody = await request('POST', `${url}/auth/logout`, { headers: cookieSession });
    expect(nobody.status).toBe(401);
  });
});
