/** Shared chats: frozen, readable with the link, and inaccessible as soon as they end. */
import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { request, signIn, type Client } from '../client.ts';
import { startProduct, type RunningProduct } from '../harness.ts';
import { describeModes } from '../modes.ts';
import { sqlOf } from '../sql.ts';
import { fillRoom } from './fill-room.ts';

const cleanUp = new AsyncDisposableStack();
afterAll(() => cleanUp.disposeAsync());

describeModes('shared chats', (mode) => {
  let running: RunningProduct;
  let other: RunningProduct;
  let owner: Client;
  let stranger: Client;

  beforeAll(async () => {
    const place = cleanUp.use(await mode.place());
    running = cleanUp.use(await startProduct(place));
    other = mode.apis > 1 ? cleanUp.use(await startProduct(place, { role: 'api' })) : running;
    [owner, stranger] = [await signIn(running.url), await signIn(running.url)];
  });

  const share = async (roomId: number) => (await owner.call('POST', `/chatroom/${roomId}/shares`)).body;
  const read = (url: string, from = other.url) => request('GET', `${from}/shared/${url.split('/').at(-1)}`);
  const readPage = (url: string, from = other.url) =>
    request('GET', `${from}/app/shared/${url.split('/').at(-1)}`, { headers: { accept: 'text/html' } });

  async function answeredRoom(name: string, ...questions: string[]): Promise<number> {
    const roomId = await owner.room(name);
    for (const one of questions) await fillRoom(sqlOf(running), roomId, one, 'It *is* so.');
    return roomId;
  }

  it('copies the finished text, oldest first, and nothing else', async () => {
    const roomId = await answeredRoom('Copied', 'One?', 'Two?');
    const { status, headers, body: made } = await owner.call('POST', `/chatroom/${roomId}/shares`);
    expect(status).toBe(201);
    expect(headers.get('location')).toBe(`/chatroom/${roomId}/shares/${made.id}`);
    expect(made.url).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/app\/shared\/[\w-]{65}$/);
    const answer = await read(made.url);
    expect(answer.status).toBe(200);
    expect(answer.headers.get('x-robots-tag')).toBe('noindex');
    expect(answer.headers.get('cache-control')).toBe('no-store');
    const written = (await owner.call('GET', `/chatroom/${roomId}/messages`)).body;
    expect(answer.body).toEqual({
      name: 'Copied',
      created_at: made.created_at,
      messages: written.map(({ content, is_from_user, created_at }: any) => ({
        content,
        is_from_user,
        created_at,
        model: null,
        attachments: [],
      })),
    });
    expect(answer.body.messages.map(({ content }: any) => content)).toEqual([
      'One?',
      'It *is* so.',
      'Two?',
      'It *is* so.',
    ]);
  });

  it('is unchanged when the room continues and is renamed', async () => {
    const roomId = await answeredRoom('Before', 'One?');
    const { url } = await share(roomId);
    const before = (await read(url)).body;
    await owner.call('PATCH', `/chatroom/${roomId}`, { body: { name: 'After' } });
    await fillRoom(sqlOf(running), roomId, 'Two?', 'So.');
    expect((await read(url)).body).toEqual(before);
    expect((await readPage(url)).body).not.toContain('Two?');
  });

  it('contains the version of an answer on the path, and no failed or unfinished one', async () => {
    const roomId = await answeredRoom('Versions', 'One?');
    await sqlOf(running)(
      `with version as (
        insert into messages (chatroom_id, user_id, parent_id, is_from_user, content)
        select chatroom_id, user_id, parent_id, false, 'Another version.' from messages where chatroom_id = $1 and not is_from_user
        returning id
      )
      update chatrooms set head_id = (select id from version) where id = $1`,
      [roomId],
    );
    await fillRoom(sqlOf(running), roomId, 'Two?', '');
    const { url } = await share(roomId);
    const { messages } = (await read(url)).body;
    expect(messages.map(({ content }: any) => content)).toEqual(['One?', 'Another version.', 'Two?']);
  });

  it('names the model that wrote each reply', async () => {
    const user = await signIn(running.url);
    const roomId = await user.room();
    await user.ask(roomId, 'Who are you?');
    const reply = await user.waitForReply(roomId);
    const { body: made } = await user.call('POST', `/chatroom/${roomId}/shares`);
    const { messages } = (await read(made.url)).body;
    expect(messages.map(({ model }: any) => model)).toEqual([null, reply.model]);
    expect(reply.model).toBe('demo');
    expect((await readPage(made.url)).body).toContain('<p class="by" dir="auto">demo</p>');
  });

  it('is listed with the same links, newest first, to its owner only', async () => {
    const roomId = await answeredRoom('Listed', 'One?');
    const [first, second] = [await share(roomId), await share(roomId)];
    expect(first.url).not.toBe(second.url);
    const list = await owner.call('GET', `/chatroom/${roomId}/shares`, { url: running.url });
    expect(list.body).toEqual([second, first]);
    expect(list.headers.get('cache-control')).toBe('no-store');
    expect((await stranger.call('GET', `/chatroom/${roomId}/shares`)).status).toBe(404);
    expect((await stranger.call('POST', `/chatroom/${roomId}/shares`)).status).toBe(404);
    expect((await stranger.call('DELETE', `/chatroom/${roomId}/shares/${first.id}`)).status).toBe(404);
    expect((await read(first.url)).status).toBe(200);
  });

  it('cannot be read with the data in a copy of the database', async () => {
    const roomId = await answeredRoom('Dumped', 'One?');
    const { id, url } = await share(roomId);
    const token: string = url.split('/').at(-1);
    const rows = await sqlOf(running)('select * from shares where id = $1', [id]);
    const stored = JSON.stringify(rows);
    expect(stored).toContain('Dumped');
    expect(stored).not.toContain(token);
    expect(stored).not.toContain(token.slice(22));
    expect(stored).not.toContain(createHash('sha256').update(token).digest('base64url'));
    const guesses = [
      token.slice(0, 22),
      token.slice(0, 22) + 'A'.repeat(43),
      `${token.slice(0, -1)}${token.endsWith('A') ? 'B' : 'A'}`,
      `${token}A`,
      'x',
    ];
    for (const guess of guesses) expect((await read(guess)).status, guess).toBe(404);
    expect((await read(token)).status).toBe(200);
  });

  describe('is inaccessible at once, at every process and although it was just read,', () => {
    const ends: Record<string, (roomId: number, id: number) => Promise<unknown>> = {
      'when it is deleted': (roomId, id) => owner.call('DELETE', `/chatroom/${roomId}/shares/${id}`),
      'with its room': (roomId) => owner.call('DELETE', `/chatroom/${roomId}`),
      'with its account': (roomId) =>
        sqlOf(running)('delete from users where id = (select user_id from chatrooms where id = $1)', [roomId]),
    };
    it.each(Object.keys(ends))('%s', async (how) => {
      const roomId = await answeredRoom('Ending', 'One?');
      const { id, url } = await share(roomId);
      for (const from of [running.url, other.url]) {
        expect((await read(url, from)).status).toBe(200);
        expect((await readPage(url, from)).status).toBe(200);
      }
      await ends[how]!(roomId, id);
      for (const from of [running.url, other.url]) {
        expect((await read(url, from)).body).toMatchObject({ status: 404, code: 'not_found' });
        const page = await readPage(url, from);
        expect(page.status).toBe(404);
        expect(page.body).toContain('This link does not work');
      }
    });
    // The last case deleted the account.
    afterAll(async () => {
      owner = await signIn(running.url);
    });
  });

  it('is published to the devices of its owner', async () => {
    const user = await signIn(running.url);
    const roomId = await user.room();
    await using feed = await user.events();
    const { body } = await user.call('POST', `/chatroom/${roomId}/shares`);
    const { id: position } = await feed.next((event) => event.type === 'user.changed' && event.what === 'shares');
    await user.call('DELETE', `/chatroom/${roomId}/shares/${body.id}`);
    await feed.next((event, id) => event.type === 'user.changed' && id !== position);
  });

  it('exists at most 100 times for a room, also with concurrent requests', async () => {
    const roomId = await owner.room('Full');
    await sqlOf(running)(
      `insert into shares (chatroom_id, handle, name, messages)
        select $1::bigint, 'full-' || $1 || '-' || n, 'Full', '[]' from generate_series(1, 95) n`,
      [roomId],
    );
    const answers = await Promise.all(
      Array.from({ length: 12 }, () => owner.call('POST', `/chatroom/${roomId}/shares`)),
    );
    const refused = answers.filter(({ status }) => status !== 201);
    expect(refused).toHaveLength(7);
    for (const { body } of refused) {
      expect(body).toMatchObject({ status: 409, code: 'limit_reached' });
      expect(body.detail).toContain('100 shared links');
    }
    const { body: list } = await owner.call('GET', `/chatroom/${roomId}/shares`);
    expect(list).toHaveLength(100);
    await owner.call('DELETE', `/chatroom/${roomId}/shares/${list[50].id}`);
    expect((await owner.call('POST', `/chatroom/${roomId}/shares`)).status).toBe(201);
  });

  it.each([
    ['text of more than a mebibyte', 33, 'x'],
    ['text that is longer only as JSON', 10, '\u0001'],
  ])('refuses %s instead of cutting it', async (_what, turns, sign) => {
    const roomId = await owner.room('Long');
    for (let turn = 0; turn < turns; turn += 1) await fillRoom(sqlOf(running), roomId, sign.repeat(32_000), 'So.');
    const { status, body } = await owner.call('POST', `/chatroom/${roomId}/shares`);
    expect([status, body.code]).toEqual([409, 'limit_reached']);
    expect(body.detail).toContain('too long');
    expect((await owner.call('GET', `/chatroom/${roomId}/shares`)).body).toEqual([]);
  });

  it('counts reads by address, but not failed guesses', async () => {
    await using place = await mode.place();
    await using limited = await startProduct(place, { environment: { SHARED_READS_MINUTE: '3' } });
    const user = await signIn(limited.url);
    const { body } = await user.call('POST', `/chatroom/${await user.room()}/shares`);
    const url: string = body.url;
    for (let guess = 0; guess < 5; guess += 1) expect((await read('x'.repeat(65), limited.url)).status).toBe(404);
    expect((await read(url, limited.url)).status).toBe(200);
    expect((await readPage(url, limited.url)).status).toBe(200);
    expect((await read(url, limited.url)).status).toBe(200);
    for (const answer of [await read(url, limited.url), await readPage(url, limited.url)]) {
      expect(answer.status).toBe(429);
      expect(answer.body.code).toBe('too_many_requests');
      expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(0);
    }
  });
});
