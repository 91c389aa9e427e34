/** The export of an account: a complete zip archive at the reader's pace, or a cut connection. */
import http from 'node:http';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { signIn, type Client } from '../client.ts';
import { startProduct, type RunningProduct } from '../harness.ts';
import { describeModes } from '../modes.ts';
import { fillRoom as fillLong } from '../fill-room.ts';
import { fillRoom } from '../shares/fill-room.ts';
import { sqlOf, type Sql } from '../sql.ts';
import { newSubscription } from '../push/new-subscription.ts';
import { unzip } from './unzip.ts';

const cleanUp = new AsyncDisposableStack();
afterAll(() => cleanUp.disposeAsync());

describeModes('the export of an account', (mode) => {
  let running: RunningProduct;
  let sql: Sql;

  beforeAll(async () => {
    running = cleanUp.use(await startProduct(cleanUp.use(await mode.place())));
    sql = sqlOf(running);
  });

  /** An export that is not read yet. */
  async function begin(user: Client): Promise<http.IncomingMessage> {
    const { promise, resolve, reject } = Promise.withResolvers<http.IncomingMessage>();
    const headers = { authorization: `Bearer ${user.tokens.access_token}` };
    http.get(`${running.url}/user/export`, { headers, agent: false }, resolve).on('error', reject);
    return promise;
  }

  async function take(response: http.IncomingMessage): Promise<{ archive: Buffer; isCut: boolean }> {
    const chunks: Buffer[] = [];
    response.on('data', (chunk: Buffer) => chunks.push(chunk));
    const isCut = await new Promise<boolean>((done) => {
      response.on('error', () => done(true));
      response.on('end', () => done(false));
    });
    return { archive: Buffer.concat(chunks), isCut };
  }

  const enterCalls = (user: Client, times: readonly string[]) =>
    sql(
      `insert into usage_entries (user_id, purpose, model, asked_model, prompt_tokens, cached_tokens, audio_tokens, answer_tokens,
          thinking_tokens, cost_micros, is_estimate, created_at)
        select id, 'title', 'fast', 'fast', 10, 0, 0, 2, 0, 7, false, at from users, unnest($2::timestamptz[]) as at
        where mobile_number = $1`,
      [user.number, times],
    );

  it('contains all rooms and data of the account, and no secret', async () => {
    const user = await signIn(running.url);
    await user.call('POST', '/user/memories', { body: { content: 'I am a vegetarian.' } });
    await user.call('PATCH', '/user/settings', { body: { instructions: 'Answer briefly.' } });
    const first = await user.room('日本 ../../etc');
    await fillRoom(sql, first, 'One?', 'So.');
    const empty = await user.room('Empty');
    const { body: share } = await user.call('POST', `/chatroom/${first}/shares`);
    const [{ handle } = { handle: '' }] = await sql<{ handle: string }>(
      'select handle from shares where chatroom_id = $1',
      [first],
    );
    const subscription = newSubscription();
    await user.call('POST', '/user/push-subscriptions', { body: subscription });
    await enterCalls(user, ['2026-01-31T23:59:59Z', '2026-01-31T00:00:00Z', '2026-02-01T00:00:00Z']);
    const stranger = await signIn(running.url);
    await fillRoom(sql, await stranger.room('Not yours'), 'Mine?', 'Yes.');
    await enterCalls(stranger, ['2026-01-31T12:00:00Z']);

    const response = await begin(user);
    expect(response.statusCode).toBe(200);
    expect(response.headers).toMatchObject({
      'content-type': 'application/zip',
      'content-disposition': 'attachment; filename="pollux.zip"',
      'cache-control': 'private, no-cache',
      'x-content-type-options': 'nosniff',
    });
    const { archive, isCut } = await take(response);
    expect(isCut).toBe(false);
    const files = unzip(archive);
    expect([...files.keys()]).toEqual([
      'account.json',
      ...['room.json', 'room.md', 'shares.json'].map((name) => `rooms/${first}/${name}`),
      ...['room.json', 'room.md'].map((name) => `rooms/${empty}/${name}`),
    ]);
    expect(JSON.parse(files.get('account.json')!)).toMatchObject({
      mobile_number: user.number,
      plan: { tier: 'Basic' },
      settings: { instructions: 'Answer briefly.' },
      memories: [{ content: 'I am a vegetarian.' }],
      sessions: [{ id: expect.any(String) }],
      push_subscriptions: [{ id: expect.any(Number), host: 'push.example.net' }],
      usage: [],
      model_calls: [
        { day: '2026-01-31', model: 'fast', purpose: 'title', calls: 2, prompt_tokens: 20, answer_tokens: 4 },
        { day: '2026-02-01', model: 'fast', purpose: 'title', calls: 1, prompt_tokens: 10, answer_tokens: 2 },
      ],
    });
    const room = JSON.parse(files.get(`rooms/${first}/room.json`)!);
    expect(room).toMatchObject({ name: '日本 ../../etc', messages: [{ content: 'One?' }, { content: 'So.' }] });
    expect(files.get(`rooms/${first}/room.md`)).toContain('One?');
    expect(JSON.parse(files.get(`rooms/${first}/shares.json`)!)).toMatchObject([
      { id: share.id, messages: [{ content: 'One?' }, { content: 'So.' }] },
    ]);
    const all = [...files.values()].join('\n');
    for (const secret of [
      handle,
      share.url,
      user.tokens.refresh_token,
      user.tokens.access_token,
      'Mine?',
      subscription.endpoint,
    ]) {
      expect(all).not.toContain(secret);
    }
  });

  it('is allowed three times a day, also by ticket', async () => {
    const user = await signIn(running.url);
    for (let n = 0; n < 2; n += 1) expect((await take(await begin(user))).isCut).toBe(false);
    const { body } = await user.call('POST', '/events/ticket');
    const byTicket = await fetch(`${running.url}/user/export?ticket=${body.ticket}`);
    expect(unzip(Buffer.from(await byTicket.arrayBuffer())).size).toBe(1);
    const refused = await user.call('GET', '/user/export');
    expect(refused).toMatchObject({ status: 429, body: { code: 'too_many_requests' } });
    expect(refused.body.detail).toMatch(/^The account can be exported three times a day\. Try again in \d+ min\.$/);
    const secondsLeft = 86_400 - (Math.floor(Date.now() / 1000) % 86_400);
    expect(Math.abs(Number(refused.headers.get('retry-after')) - secondsLeft)).toBeLessThan(60);
  });

  it.each([
    ['its room is deleted', (room: number) => sql('delete from chatrooms where id = $1', [room])],
    [
      'its account is deleted',
      (room: number) =>
        sql('update users set deleted_at = now() where id = (select user_id from chatrooms where id = $1)', [room]),
    ],
    ['the database fails', () => sql('alter table messages rename to messages_away')],
  ])('is cut when %s before it has been read', async (_what, happen) => {
    const user = await signIn(running.url);
    const room = await user.room('Long');
    // More than all buffers in between.
    await fillLong(sql, room, 'x'.repeat(30_000), 1000);
    const response = await begin(user);
    expect(response.statusCode).toBe(200);
    await happen(room);
    try {
      const { archive, isCut } = await take(response);
      expect(isCut).toBe(true);
      expect(() => unzip(archive)).toThrow();
    } finally {
      await sql('alter table if exists messages_away rename to messages');
    }
  });
});
