/** Rooms and messages are not sent again to a client that has them; private answers are cached by the browser only. */
import { describe, expect } from 'vitest';
import { signIn, type Answer } from '../client.ts';
import { productTest, testModes } from '../fixtures.ts';
import type { Mode } from '../modes.ts';

const testIn = (mode: Mode) =>
  productTest({ mode }).extend('reader', { scope: 'file' }, async ({ url }) => {
    const user = await signIn(url);
    const room = await user.room('First');
    const { id, reply } = (await user.ask(room, 'Say something')).body;
    await user.waitForReply(room, { messageId: id });
    const paths: Record<string, string> = {
      'the list of rooms': '/chatroom',
      'a page of rooms': '/chatroom?limit=1',
      'a room': `/chatroom/${room}`,
      'the messages': `/chatroom/${room}/messages`,
      'the messages with pending ones': `/chatroom/${room}/messages?include=pending`,
      'a reply': `/chatroom/${room}/messages/${reply.id}`,
      'the plans': '/plans',
    };
    const read = (path: string, match?: string, method = 'GET'): Promise<Answer> =>
      user.call(method, path, { headers: match === undefined ? {} : { 'if-none-match': match } });
    return { user, room, paths, read };
  });

testModes('conditional requests', testIn, (it, mode) => {
  const tagOf = ({ headers }: Answer) => headers.get('etag') ?? '';

  const names = ['the list of rooms', 'a page of rooms', 'a room', 'the messages', 'the messages with pending ones'];
  describe.each([...names, 'a reply', 'the plans'])('%s', (name) => {
    it('answers 304 without a body when If-None-Match has its tag', async ({ reader: { paths, read } }) => {
      const path = paths[name]!;
      const whole = await read(path);
      const tag = tagOf(whole);
      expect(tag).toMatch(/^"[\w-]+"$/);
      for (const match of [tag, `W/${tag}`, `"other", ${tag}`, `"other",W/${tag} , "third"`, '*']) {
        const answer = await read(path, match);
        expect(answer, match).toMatchObject({ status: 304, body: '' });
        expect(tagOf(answer)).toBe(tag);
        expect(answer.headers.get('cache-control')).toBe(path === '/plans' ? 'no-cache' : 'private, no-cache');
        expect(answer.headers.get('content-type')).toBeNull();
        expect(answer.headers.get('x-request-id')).toBeTruthy();
      }
      for (const match of ['"other"', tag.slice(1, -1), '', ',']) {
        const answer = await read(path, match);
        expect(answer.status, match).toBe(200);
        expect(answer.body).toEqual(whole.body);
      }
    });

    it('answers HEAD in the same way', async ({ reader: { paths, read } }) => {
      const path = paths[name]!;
      const tag = tagOf(await read(path));
      const head = await read(path, undefined, 'HEAD');
      expect(head).toMatchObject({ status: 200, body: '' });
      expect(tagOf(head)).toBe(tag);
      expect((await read(path, tag, 'HEAD')).status).toBe(304);
    });
  });

  it('send a changed body with another tag', async ({ reader: { user, room, paths, read } }) => {
    const before = await Promise.all(Object.values(paths).map((path) => read(path)));
    await user.call('PATCH', `/chatroom/${room}`, { body: { name: `Renamed ${mode.name}` } });
    const { id } = (await user.ask(room, 'And something else')).body;
    await user.waitForReply(room, { messageId: id });
    for (const [index, path] of Object.values(paths).slice(0, 5).entries()) {
      const answer = await read(path, tagOf(before[index]!));
      expect(answer.status, path).toBe(200);
      expect(tagOf(answer)).not.toBe(tagOf(before[index]!));
    }
  });

  it('do not apply to refusals or created objects', async ({ url, reader: { user, room, read } }) => {
    const tag = tagOf(await read('/chatroom'));
    const stranger = await signIn(url);
    for (const match of [tag, '*']) {
      const headers = { 'if-none-match': match };
      const refused = await stranger.call('GET', `/chatroom/${room}`, { headers });
      expect(refused.status).toBe(404);
      expect(refused.headers.has('etag')).toBe(false);
      const made = await user.call('POST', '/chatroom', { headers, body: { name: 'Another' } });
      expect(made.status).toBe(201);
      expect(made.headers.has('etag')).toBe(false);
    }
  });
});
