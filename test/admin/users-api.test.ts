/** Operators over HTTP: accounts are found, changed, blocked and signed out, in every process; each change is in the audit log. */
import { afterAll, beforeAll, beforeEach, expect, it, vi } from 'vitest';
import { freshNumber, request, signIn, type Client } from '../client.ts';
import { startProduct, type RunningProduct } from '../harness.ts';
import { describeModes } from '../modes.ts';
import { sqlOf, type Sql } from '../sql.ts';

const adminNumber = freshNumber();
/** The time limit for other processes. */
const withinMs = 1000;

describeModes('accounts, for operators', (mode) => {
  const cleanUp = new AsyncDisposableStack();
  let running: RunningProduct;
  let other: RunningProduct;
  let sql: Sql;
  let admin: Client;
  let user: Client;
  let id: number;

  beforeAll(async () => {
    const place = cleanUp.use(await mode.place());
    const environment = { ADMIN_MOBILE_NUMBERS: ` ${adminNumber.slice(0, 5)}-${adminNumber.slice(5)} ,` };
    running = cleanUp.use(await startProduct(place, { environment }));
    other = mode.apis > 1 ? cleanUp.use(await startProduct(place, { role: 'api' })) : running;
    sql = sqlOf(running);
    admin = await signIn(running.url, { number: adminNumber });
    for (const { url } of [running, other])
      await vi.waitFor(async () => expect((await admin.call('GET', '/admin/users', { url })).status).toBe(200));
  });
  beforeEach(async () => {
    user = await signIn(running.url);
    ({ id } = (await user.call('GET', '/user/me')).body);
  });
  afterAll(() => cleanUp.disposeAsync());

  const change = (body: object, userId = id) => admin.call('PATCH', `/admin/users/${userId}`, { body });
  const audit = async (userId = id) => (await admin.call('GET', `/admin/audit?account_id=${userId}`)).body;
  const adminId = async () => (await admin.call('GET', '/user/me')).body.id;

  it('have their first administrator by ADMIN_MOBILE_NUMBERS, once', async () => {
    expect((await admin.call('GET', '/user/me')).body.role).toBe('admin');
    await signIn(running.url, { number: adminNumber });
    expect(await audit(await adminId())).toMatchObject([
      { actor: 'settings', actor_id: null, action: 'role_changed', details: { from: 'user', to: 'admin' } },
    ]);
  });

  it('are listed, newest first, in pages, and found by number, id, plan and block', async () => {
    const ids = async (query: string) =>
      (await admin.call('GET', `/admin/users?${query}`)).body.map((one: { id: number }) => one.id);
    const first = await admin.call('GET', '/admin/users?limit=1');
    expect(first.body).toMatchObject([
      { id, mobile_number: user.number, tier: 'Basic', granted_tier: null, role: 'user' },
    ]);
    const next = /<([^>]+)>; rel="next"/.exec(first.headers.get('link')!)![1]!;
    expect((await admin.call('GET', next)).body[0].id).toBeLessThan(id);
    expect(await ids(`q=${user.number.slice(3)}`)).toEqual([id]);
    expect(await ids(`q=${encodeURIComponent(user.number)}`)).toEqual([id]);
    expect(await ids(`q=${id}`)).toContain(id);
    expect(await ids('q=nobody')).toEqual([]);
    expect(await ids(`q=${user.number.slice(3)}&tier=Pro`)).toEqual([]);
    expect(await ids(`q=${user.number.slice(3)}&blocked=true`)).toEqual([]);
    await user.ask(await user.room(), 'One today');
    expect((await admin.call('GET', `/admin/users/${id}`)).body).toMatchObject({
      id,
      blocked: false,
      messages_today: 1,
      sessions: 1,
      rooms: 1,
      subscription: null,
    });
  });

  it('are granted a plan and lose it again, with events to their devices', async () => {
    await using feed = await user.events({ url: other.url });
    expect(await change({ tier: 'Pro' })).toMatchObject({ status: 200, body: { tier: 'Pro', granted_tier: 'Pro' } });
    await feed.next(({ type, tier }) => type === 'subscription.changed' && tier === 'Pro');
    await feed.next(({ type, daily_limit: limit }) => type === 'quota.changed' && limit === null);
    expect(await change({ tier: 'Pro' })).toMatchObject({ status: 200 });
    expect(await change({ tier: null })).toMatchObject({ status: 200, body: { tier: 'Basic', granted_tier: null } });
    await feed.next(({ type, tier }) => type === 'subscription.changed' && tier === 'Basic');
    expect(await change({ tier: 'Gold' })).toMatchObject({
      status: 422,
      body: { errors: [{ pointer: '/tier', detail: 'must be the id of a plan' }] },
    });
    const actor_id = await adminId();
    expect(await audit()).toMatchObject([
      { actor: 'admin', actor_id, action: 'tier_changed', user_id: id, details: { from: 'Pro', to: null } },
      { actor: 'admin', actor_id, action: 'tier_changed', user_id: id, details: { from: null, to: 'Pro' } },
    ]);
  });

  it('become administrators and lose the role in every process, but not the last one', async () => {
    await using feed = await user.events();
    expect((await user.call('GET', '/admin/users')).status).toBe(404);
    expect(await change({ role: 'admin' })).toMatchObject({ status: 200, body: { role: 'admin' } });
    await feed.next(({ type, what }) => type === 'user.changed' && what === 'role');
    const asked = async (url: string) => (await user.call('GET', '/admin/users', { url })).status;
    for (const url of [running.url, other.url]) await expect.poll(() => asked(url), { timeout: withinMs }).toBe(200);
    // Both at once; one remains.
    const [one, two] = await Promise.all([
      admin.call('PATCH', `/admin/users/${await adminId()}`, { body: { role: 'user' }, url: other.url }),
      user.call('PATCH', `/admin/users/${id}`, { body: { role: 'user' } }),
    ]);
    const refused = [one, two].filter(({ status }) => status !== 200);
    expect(refused).toMatchObject([{ status: 409, body: { code: 'last_admin' } }]);
    // The number in the setting gets the role again at the next sign-in.
    admin = await signIn(running.url, { number: adminNumber });
    await expect.poll(async () => (await admin.call('GET', '/admin/users')).status).toBe(200);
    await change({ role: 'user' });
    for (const url of [running.url, other.url]) await expect.poll(() => asked(url), { timeout: withinMs }).toBe(404);
    expect(await change({ blocked: true }, await adminId())).toMatchObject({
      status: 409,
      body: { code: 'last_admin' },
    });
    expect((await admin.call('GET', '/user/me')).status).toBe(200);
  });

  it('are blocked until unblocked: sessions end, sign-in fails like a wrong code, shared links do not work', async () => {
    const roomId = await user.room();
    const { body: share } = await user.call('POST', `/chatroom/${roomId}/shares`);
    const readShare = async (url: string) =>
      (await request('GET', `${url}/shared/${share.url.split('/').at(-1)}`)).status;
    await using feed = await user.events({ url: other.url });
    expect(await change({ blocked: true })).toMatchObject({ status: 200, body: { blocked: true, sessions: 0 } });
    const blockedAt = performance.now();
    await feed.ended;
    expect(performance.now() - blockedAt).toBeLessThan(withinMs);
    expect(feed.received.at(-1)!.event.type).toBe('session.ended');
    for (const url of [running.url, other.url]) {
      const asked = async () => (await user.call('GET', '/user/me', { url })).status;
      await expect.poll(asked, { timeout: withinMs }).toBe(401);
      expect(await readShare(url)).toBe(404);
    }
    const refresh = { refresh_token: user.tokens.refresh_token };
    expect((await request('POST', `${other.url}/auth/refresh`, { body: refresh })).status).toBe(401);
    const signInAgain = async () => {
      const sent = await request('POST', `${running.url}/auth/send-otp`, { body: { mobile_number: user.number } });
      expect(sent.status).toBe(200);
      const body = { mobile_number: user.number, otp: sent.body.otp };
      return request('POST', `${other.url}/auth/verify-otp`, { body });
    };
    expect(await signInAgain()).toMatchObject({ status: 400, body: { code: 'invalid_code' } });
    expect(await change({ blocked: false })).toMatchObject({ status: 200, body: { blocked: false } });
    expect((await signInAgain()).status).toBe(200);
    expect(await readShare(other.url)).toBe(200);
    expect((await audit()).map(({ action }: { action: string }) => action)).toEqual(['unblocked', 'blocked']);
  });

  it('are blocked with unfinished replies, which are stopped: those that wait at once', async () => {
    // A Basic account runs two at a time.
    for (let n = 0; n < 3; n += 1) await user.ask(await user.room(), `Question ${n}`);
    expect(await change({ blocked: true })).toMatchObject({ status: 200, body: { blocked: true } });
    const statuses = async () =>
      (await sql<{ status: string }>('select status from replies where user_id = $1 order by message_id', [id])).map(
        ({ status }) => status,
      );
    expect((await statuses()).at(-1)).toBe('cancelled');
    await expect.poll(statuses, { timeout: 10_000 }).toEqual(['cancelled', 'cancelled', 'cancelled']);
  });

  it('are blocked during a sign-in: in either order no session remains', async () => {
    for (let turn = 0; turn < 5; turn += 1) {
      const { body: sent } = await request('POST', `${running.url}/auth/send-otp`, {
        body: { mobile_number: user.number },
      });
      const body = { mobile_number: user.number, otp: sent.otp };
      const [verified] = await Promise.all([
        request('POST', `${other.url}/auth/verify-otp`, { body }),
        change({ blocked: true }),
      ]);
      expect([200, 400]).toContain(verified.status);
      expect(await sql('select from sessions where user_id = $1 and revoked_at is null', [id])).toEqual([]);
      await change({ blocked: false });
    }
  });

  it('are signed out everywhere, and may sign in again', async () => {
    const second = await signIn(running.url, { number: user.number });
    expect((await admin.call('DELETE', `/admin/users/${id}/sessions`)).status).toBe(204);
    for (const device of [user, second]) {
      const asked = async () => (await device.call('GET', '/user/me', { url: other.url })).status;
      await expect.poll(asked, { timeout: withinMs }).toBe(401);
    }
    await signIn(running.url, { number: user.number });
    expect(await audit()).toMatchObject([{ action: 'sessions_ended', details: { sessions: 2 } }]);
  });

  it('are 404 for an unknown id and for a deleted account', async () => {
    await sql(`update users set deleted_at = now() where id = $1`, [id]);
    for (const nobody of [id, 9_007_199_254_740_991]) {
      expect((await admin.call('GET', `/admin/users/${nobody}`)).status).toBe(404);
      expect((await change({ role: 'admin' }, nobody)).status).toBe(404);
      expect((await admin.call('DELETE', `/admin/users/${nobody}/sessions`)).status).toBe(404);
    }
    expect(await audit()).toEqual([]);
  });
});
