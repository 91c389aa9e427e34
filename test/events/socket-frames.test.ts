/** Frames and handshakes of a WebSocket: invalid ones are refused, or close it with a documented code. */
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import net from 'node:net';
import { describe, expect, vi } from 'vitest';
import { maxFrameBytes, socketCloses } from '../../contract/socket.ts';
import { request } from '../client.ts';
import { expectProblem } from '../contract/problem.ts';
import { speakRaw } from '../contract/raw-http.ts';
import { tokenLike } from '../contract/world.ts';
import { productTest } from '../fixtures.ts';
import { randomFrom, seed } from '../random.ts';
import { openFeedSocket, openSilently } from './feed-socket.ts';
import { converse, isExpectedClose, randomTalk } from './random-frames.ts';

const it = productTest({ environment: { CORS_ORIGINS: 'https://friend.example' } });

const hello = { type: 'hello', resume_from: null };

/** A handshake with these changes, answered by a problem. */
function handshake(url: string, token: string, changes: Record<string, string | null> = {}, path = '/ws') {
  const fields: Record<string, string | null> = {
    host: new URL(url).host,
    authorization: `Bearer ${token}`,
    connection: 'Upgrade',
    upgrade: 'websocket',
    'sec-websocket-version': '13',
    'sec-websocket-key': randomBytes(16).toString('base64'),
    ...changes,
  };
  const lines = Object.entries(fields).flatMap(([name, value]) => (value === null ? [] : [`${name}: ${value}\r\n`]));
  return speakRaw(url, `GET ${path} HTTP/1.1\r\n${lines.join('')}\r\n`);
}

describe('a handshake', () => {
  it.for([
    ['no token', { authorization: null }, 401, 'invalid_token'],
    ['a page of another origin', { origin: 'https://evil.example' }, 403, 'forbidden'],
    ['a page without an origin', { origin: 'null' }, 403, 'forbidden'],
    [
      'a name that only begins like an allowed one',
      { origin: 'https://friend.example.evil.example' },
      403,
      'forbidden',
    ],
    ['another origin and no token', { origin: 'https://evil.example', authorization: null }, 403, 'forbidden'],
    ['another protocol', { upgrade: 'h2c' }, 426, 'upgrade_required'],
    ['an old version', { 'sec-websocket-version': '8' }, 426, 'upgrade_required'],
    ['no version', { 'sec-websocket-version': null }, 426, 'upgrade_required'],
    ['no key', { 'sec-websocket-key': null }, 400, 'bad_request'],
    ['a key that is none', { 'sec-websocket-key': 'x' }, 400, 'bad_request'],
    ['protocols that are none', { 'sec-websocket-protocol': ',,' }, 400, 'bad_request'],
  ] as const)('with %s is refused', async ([_what, changes, status, code], { url, user }) => {
    expect(expectProblem(await handshake(url, user.tokens.access_token, changes), status)).toBe(code);
  });

  it('is refused as a plain request, with the required upgrade in the answer', async ({ url, user }) => {
    const answer = await user.call('GET', '/ws');
    expect(expectProblem(answer, 426)).toBe('upgrade_required');
    expect((await handshake(url, user.tokens.access_token, { upgrade: null })).headers.get('upgrade')).toBe(
      'websocket',
    );
    expect(expectProblem(await request('GET', `${url}/ws`), 401)).toBe('invalid_token');
  });

  it("works for the server's own pages and the configured origins", async ({ url, user }) => {
    for (const origin of [url, 'https://friend.example']) {
      await using socket = await openFeedSocket(user, { url, options: { headers: { origin } } });
      expect(socket.position).not.toBe('');
    }
  });

  it('accepts a ticket once', async ({ url, user }) => {
    const { body } = await user.call('POST', '/events/ticket');
    const open = async () => {
      const socket = new WebSocket(`${url.replace('http', 'ws')}/ws?ticket=${body.ticket}`);
      const opened = once(socket, 'open').then(() => true);
      const failed = once(socket, 'error').then(() => false);
      const works = await Promise.race([opened, failed]);
      socket.close();
      return works;
    };
    expect(await open()).toBe(true);
    expect(await open()).toBe(false);
  });

  it('is ignored at other paths', async ({ url, user }) => {
    const answer = await handshake(url, user.tokens.access_token, {}, '/user/me');
    expect(answer).toMatchObject({ status: 200, body: { mobile_number: user.number } });
    expect(expectProblem(await handshake(url, user.tokens.access_token, {}, '/ws/'), 404)).toBe('not_found');
  });
});

describe('a frame', () => {
  it('is answered: a ping with a pong; unknown frames are ignored', async ({ url, user }) => {
    await using socket = await openFeedSocket(user, { url });
    socket.send({ type: 'a new kind', of: ['frame'] });
    socket.send({ type: 'ping', more: true });
    await expect.poll(() => socket.others.map(({ type }) => type)).toEqual(['welcome', 'pong']);
    await user.room();
    await socket.next((event) => event.type === 'chatroom.created');
  });

  it.for([
    ['a ping before the hello', [{ type: 'ping' }], 4408],
    ['bytes', [new Uint8Array([123, 125])], 1003],
    ['words', ['hello'], 1003],
    ['null', ['null'], 1003],
    ['no type', [{}], 1003],
    ['a type that is not text', [{ type: 7 }], 1003],
    ['a position that is not text', [{ type: 'hello', resume_from: 7 }], 1008],
    ['a position that is too long', [{ type: 'hello', resume_from: 'x'.repeat(65) }], 1008],
    ['a second hello', [hello, hello], 1008],
    ['more than fits', ['x'.repeat(maxFrameBytes + 1)], 1009],
    ['many', [hello, ...Array.from({ length: 60 }, () => ({ type: 'ping' }))], 4429],
  ] as const)('closes the connection when it is %s', async ([_what, frames, code], { url, user }) => {
    await using socket = await openSilently(user, { url });
    for (const frame of frames) socket.send(frame);
    expect(await socket.closed).toBe(code);
    expect(code in socketCloses).toBe(true);
  });

  it('has to arrive within ten seconds', async ({ url, user }) => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    try {
      await using silent = await openSilently(user, { url });
      await using greeted = await openFeedSocket(user, { url });
      vi.advanceTimersByTime(10_000);
      expect(await silent.closed).toBe(4408);
      await user.room();
      await greeted.next((event) => event.type === 'chatroom.created');
    } finally {
      vi.useRealTimers();
    }
  });
});

describe('a connection', () => {
  it('ends with its token', async ({ url, user }) => {
    const access_token = await tokenLike(user, 1);
    await using socket = await openFeedSocket({ ...user, tokens: { ...user.tokens, access_token } }, { url });
    expect(await socket.closed).toBe(4401);
  });

  it('whose client does not read is closed at a mebibyte', async ({ url, user, running }) => {
    const { id: userId } = (await user.call('GET', '/user/me')).body;
    const sockets: net.Socket[] = [];
    running.product.app!.server.once('upgrade', (_request, socket: net.Socket) => sockets.push(socket));
    let mine: net.Socket | undefined;
    const createConnection = () => (mine = net.connect(Number(new URL(url).port), '127.0.0.1'));
    await using socket = await openFeedSocket(user, { url, options: { createConnection } });
    // The feed waits for a client that has not caught up; this one has.
    for (const chatroom_id of [1001, 1002]) {
      running.product.parts.feed.publish(userId, [{ type: 'chatroom.deleted', chatroom_id }]);
      await socket.next((event) => event.type === 'chatroom.deleted' && event.chatroom_id === chatroom_id);
    }
    mine!.pause();
    const text = 'x'.repeat(64 * 1024);
    const unread = () => {
      running.product.parts.feed.publish(userId, [
        { type: 'reply.delta', chatroom_id: 1, message_id: 1, attempt: 1, offset: 0, text },
      ]);
      return sockets[0]!.writableLength;
    };
    await expect.poll(unread, { interval: 5 }).toBeGreaterThan(1024 * 1024);
    // What another client has received was offered to this one too.
    await using witness = await openFeedSocket(user, { url });
    for (const chatroom_id of [1003, 1004]) {
      running.product.parts.feed.publish(userId, [{ type: 'chatroom.deleted', chatroom_id }]);
      await witness.next((event) => event.type === 'chatroom.deleted' && event.chatroom_id === chatroom_id);
    }
    expect(sockets[0]!.writableLength).toBeLessThan(1024 * 1024 + 3 * text.length);
    mine!.resume();
    expect(await socket.closed).toBe(4413);
  });
});

describe('random conversations', () => {
  const talks = 120;

  it(`${talks} of them end with the documented code, and nothing else`, async ({ url, user }) => {
    await using witness = await openFeedSocket(user, { url });
    const random = randomFrom(seed);
    const wrong: string[] = [];
    const kinds = new Set<string>();
    for (let n = 0; n < talks; n++) {
      const talk = randomTalk(random);
      const code = await converse(url, user.tokens.access_token, talk, random);
      kinds.add(talk.what);
      if (!isExpectedClose(talk, code)) wrong.push(`${talk.what} was closed with ${code}`);
    }
    expect(wrong).toEqual([]);
    expect(kinds.size).toBeGreaterThan(10);
    await user.room();
    await witness.next((event) => event.type === 'chatroom.created');
  });
});
