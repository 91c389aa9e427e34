/** Push messages: who is told of an answer, when, and what the push service sees. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { signIn, type Client } from '../client.ts';
import { openFeedSocket } from '../events/feed-socket.ts';
import { startFakeGemini, type FakeGemini } from '../fakes/gemini.ts';
import { startFakePushService, type FakeBrowser, type FakePushService } from '../fakes/push-service.ts';
import { askAt, startProduct, type RunningProduct } from '../harness.ts';
import { describeModes } from '../modes.ts';
import { sqlOf, type Sql } from '../sql.ts';
import { newSubscription } from './new-subscription.ts';

const patience = { timeout: 20_000 };
const path = '/user/push-subscriptions';

describeModes('push messages', (mode) => {
  const cleanUp = new AsyncDisposableStack();
  let service: FakePushService;
  let gemini: FakeGemini;
  let running: RunningProduct;
  let sql: Sql;
  let key: string;

  beforeAll(async () => {
    service = cleanUp.use(await startFakePushService());
    gemini = cleanUp.use(await startFakeGemini());
    const place = cleanUp.use(await mode.place());
    const environment = {
      ...askAt(gemini),
      PUSH_TEST_ORIGIN: service.origin,
      VAPID_SUBJECT: 'mailto:operator@example.org',
    };
    running = cleanUp.use(await startProduct(place, { environment }));
    sql = sqlOf(running);
    key = (await (await signIn(running.url)).call('GET', '/push/key')).body.public_key;
  });
  afterAll(() => cleanUp.disposeAsync());

  async function subscribe(user: Client): Promise<FakeBrowser & { id: number }> {
    const browser = service.subscribe(key);
    const { status, body } = await user.call('POST', path, { body: browser.subscription });
    expect(status).toBe(201);
    return { ...browser, id: body.id };
  }

  /** Asks and waits for the end, without a live feed; returns the reply's id. */
  async function answered(user: Client, roomId: number, question = 'Why?'): Promise<number> {
    const { body } = await user.ask(roomId, question);
    await user.waitForReply(roomId, { messageId: body.id });
    return body.reply.id;
  }

  /** Resolves when every due message has been sent or given up. */
  async function quiet(): Promise<void> {
    const left = async () => [
      ...(await sql('select from push_due')),
      ...(await sql(
        `select from pollux_jobs.job where name = 'push-message' and state in ('created', 'active', 'retry')`,
      )),
    ];
    await expect.poll(left, patience).toEqual([]);
  }

  it('tells that an answer is ready: signed, encrypted, without text of the conversation', async () => {
    const user = await signIn(running.url);
    const browser = await subscribe(user);
    const roomId = await user.room('Holidays');
    const replyId = await answered(user, roomId, 'A private question?');
    await expect.poll(browser.received, patience).toEqual([
      {
        message: {
          type: 'reply.completed',
          chatroom_id: roomId,
          message_id: replyId,
          title: 'Your answer is ready',
          body: 'Holidays',
          tag: `pollux-${roomId}`,
        },
        topic: `pollux-${roomId}`,
        ttlSeconds: expect.any(Number),
        subject: 'mailto:operator@example.org',
        at: expect.any(Number),
      },
    ]);
    expect(browser.received()[0]!.ttlSeconds).toBeGreaterThan(23 * 3600);
    await quiet();
    expect(service.faults()).toEqual([]);
  });

  it('tells of a failure, in the language of the settings, else of the browser', async () => {
    const user = await signIn(running.url);
    const browser = service.subscribe(key);
    const headers = { 'accept-language': 'ja' };
    await user.call('POST', path, { body: browser.subscription, headers });
    const roomId = await user.room();
    await answered(user, roomId, 'Why? [[block]]');
    await expect.poll(browser.received, patience).toHaveLength(1);
    await user.call('PATCH', '/user/settings', { body: { language: 'es' } });
    await answered(user, roomId);
    await expect.poll(browser.received, patience).toHaveLength(2);
    expect(browser.received().map(({ message }) => [message.type, message.title])).toEqual([
      ['reply.failed', '質問に回答できませんでした'],
      ['reply.completed', 'Tu respuesta está lista'],
    ]);
  });

  it('tells nobody who is looking, over events or the socket, until the page is hidden', async () => {
    const user = await signIn(running.url);
    const browser = await subscribe(user);
    const roomId = await user.room();
    const feed = await user.events();
    await answered(user, roomId);
    await quiet();
    expect(browser.received()).toEqual([]);
    await feed[Symbol.asyncDispose]();
    await expect.poll(() => running.product.parts.presence.isLooking(userIdOf(user))).toBe(false);

    await using socket = await openFeedSocket(user, { url: running.url });
    await expect.poll(() => running.product.parts.presence.isLooking(userIdOf(user))).toBe(true);
    await answered(user, roomId);
    await quiet();
    expect(browser.received()).toEqual([]);
    socket.send({ type: 'visibility', visible: false });
    await expect.poll(() => running.product.parts.presence.isLooking(userIdOf(user))).toBe(false);
    await answered(user, roomId);
    await expect.poll(browser.received, patience).toHaveLength(1);
    socket.send({ type: 'visibility', visible: true });
    await expect.poll(() => running.product.parts.presence.isLooking(userIdOf(user))).toBe(true);
  });

  it('tells an account whose only feed is of a hidden page', async () => {
    const user = await signIn(running.url);
    const browser = await subscribe(user);
    const roomId = await user.room();
    const { body: ticket } = await user.call('POST', '/events/ticket');
    const hidden = new AbortController();
    await fetch(`${running.url}/events?visible=false&ticket=${ticket.ticket}`, { signal: hidden.signal });
    await answered(user, roomId);
    await expect.poll(browser.received, patience).toHaveLength(1);
    hidden.abort();
  });

  it('tells nobody in quiet hours', async () => {
    const user = await signIn(running.url);
    const browser = await subscribe(user);
    const roomId = await user.room();
    const always = { from: '00:00', to: '00:00', time_zone: 'Asia/Kolkata' };
    const changed = await user.call('PATCH', '/user/settings', { body: { push_quiet: always } });
    expect(changed).toMatchObject({ status: 200, body: { push_quiet: always } });
    await answered(user, roomId);
    await quiet();
    expect(browser.received()).toEqual([]);
    await user.call('PATCH', '/user/settings', { body: { language: 'en' } });
    expect((await user.call('GET', '/user/settings')).body.push_quiet).toEqual(always);
    await user.call('PATCH', '/user/settings', { body: { push_quiet: null } });
    await answered(user, roomId);
    await expect.poll(browser.received, patience).toHaveLength(1);
    const nowhere = { ...always, time_zone: 'Atlantis/Capital' };
    const refused = await user.call('PATCH', '/user/settings', { body: { push_quiet: nowhere } });
    expect(refused).toMatchObject({ status: 422, body: { errors: [{ pointer: '/push_quiet/time_zone' }] } });
  });

  it('forgets a browser that has unsubscribed, and drops what is refused', async () => {
    const user = await signIn(running.url);
    const gone = await subscribe(user);
    const roomId = await user.room();
    service.next({ status: 413 });
    await answered(user, roomId);
    await quiet();
    expect((await user.call('GET', path)).body).toMatchObject([{ id: gone.id, current: true }]);
    service.next({ status: 410 });
    await answered(user, roomId);
    await quiet();
    expect((await user.call('GET', path)).body).toEqual([]);
    expect(gone.received()).toEqual([]);
  });

  it('asks again after the time that the push service names, or after a failure', async () => {
    const user = await signIn(running.url);
    const browser = await subscribe(user);
    const roomId = await user.room();
    service.next({ status: 503 }, { status: 429, retryAfter: '3' });
    const from = Date.now();
    await answered(user, roomId);
    await expect.poll(browser.received, patience).toHaveLength(1);
    expect(browser.received()[0]!.at - from).toBeGreaterThan(3000);
    await quiet();
  });

  it('sends again what may be lost, with the topic and tag that replace the first', async () => {
    const user = await signIn(running.url);
    const browser = await subscribe(user);
    service.next('lost');
    await answered(user, await user.room());
    await expect.poll(browser.received, patience).toHaveLength(2);
    const [first, second] = browser.received();
    expect(second!.message).toEqual(first!.message);
    expect(second!.topic).toBe(first!.topic);
  });

  it('ends with the session, also when a message waits', async () => {
    const user = await signIn(running.url);
    const browser = await subscribe(user);
    const other = await signIn(running.url, { number: user.number });
    const stays = await subscribe(other);
    expect((await other.call('GET', path)).body).toMatchObject([
      { id: browser.id, current: false, host: new URL(service.origin).host },
      { id: stays.id, current: true },
    ]);
    await user.call('POST', '/auth/logout');
    expect(await sql('select from push_subscriptions where id = $1', [browser.id])).toEqual([]);
    await answered(other, await other.room());
    await expect.poll(stays.received, patience).toHaveLength(1);
    await quiet();
    expect(browser.received()).toEqual([]);
    expect((await other.call('GET', path)).body).toMatchObject([{ id: stays.id }]);
  });

  describe('a subscription', () => {
    it('is one for each session, and of one account', async () => {
      const user = await signIn(running.url);
      const browser = await subscribe(user);
      const again = await user.call('POST', path, { body: browser.subscription });
      expect(again).toMatchObject({ status: 201, body: { id: browser.id } });
      const renewed = await subscribe(user);
      expect((await user.call('GET', path)).body).toMatchObject([{ id: renewed.id }]);
      const next = await signIn(running.url);
      await next.call('POST', path, { body: renewed.subscription });
      expect((await user.call('GET', path)).body).toEqual([]);
      const [{ id }] = (await next.call('GET', path)).body;
      expect(await user.call('DELETE', `${path}/${id}`)).toMatchObject({ status: 404 });
      expect(await next.call('DELETE', `${path}/${id}`)).toMatchObject({ status: 204 });
      expect((await next.call('GET', path)).body).toEqual([]);
    });

    it('replaces the oldest of twenty', async () => {
      const user = await signIn(running.url);
      const userId = userIdOf(user);
      await sql(
        `with s as (insert into sessions (id, user_id, expires_at)
           select gen_random_uuid(), $1, now() + interval '1 day' from generate_series(1, 20) returning id)
         insert into push_subscriptions (user_id, session_id, endpoint, p256dh, auth, language)
           select $1, id, 'https://push.example.net/' || id, 'p', 'a', 'en' from s`,
        [userId],
      );
      const ids = async () => (await user.call('GET', path)).body.map(({ id }: { id: number }) => id);
      const before = await ids();
      const { id } = await subscribe(user);
      expect(await ids()).toEqual([...before.slice(1), id]);
    });

    it.each([
      'http://push.example.net/1',
      'https://127.0.0.1/1',
      'https://[::1]/1',
      'https://[::ffff:10.0.0.1]/1',
      'https://2130706433/1',
      'https://0x7f.1/1',
      'https://localhost/1',
      'https://redis/1',
      'https://metadata.google.internal/1',
      'https://push.example.net:6379/1',
      'https://user:password@push.example.net/1',
      'https://push.localhost./1',
    ])('is refused for %s', async (endpoint) => {
      const user = await signIn(running.url);
      const refused = await user.call('POST', path, { body: { ...newSubscription(), endpoint } });
      expect(refused).toMatchObject({ status: 422, body: { errors: [{ pointer: '/endpoint' }] } });
      expect((await user.call('GET', path)).body).toEqual([]);
    });
  });
});

describe('the key of push messages', () => {
  it('is the same in processes that make it at once', async () => {
    const { databases } = await import('../databases.ts');
    const { pushKeysOf } = await import('../../server/push/keys.ts');
    const { webPush } = await import('../../server/adapters/push/web-push.ts');
    const { open } = databases.findLast(({ present }) => present)!;
    await using db = await open();
    const push = webPush({ subject: 'mailto:operator@example.org', testOrigin: null });
    const made = await Promise.all(Array.from({ length: 20 }, () => pushKeysOf(db, push)));
    expect(new Set(made.map(({ publicKey, privateKey }) => publicKey + privateKey)).size).toBe(1);
  });
});

function userIdOf({ tokens }: Client): number {
  return Number(JSON.parse(Buffer.from(tokens.access_token.split('.')[1]!, 'base64url').toString()).sub);
}
