/** A connection that is not read costs bounded memory and is closed; others are not affected. */
import { once } from 'node:events';
import type { Socket } from 'node:net';
import net from 'node:net';
import { expect } from 'vitest';
import { productTest } from '../fixtures.ts';
import type { RunningProduct } from '../harness.ts';

const mebibyte = 1024 * 1024;
const eventBytes = 64 * 1024;
/** Far more than the kernel's buffers hold. */
const enoughBytes = 64 * mebibyte;

const it = productTest();

/** The server's sockets of all connections. */
const sockets = new Set<Socket>();
it.beforeAll(({ running }) => {
  running.product.app!.server.on('connection', (socket: Socket) => sockets.add(socket));
});

/** Opens the feed and then reads nothing more. */
async function openWithoutReading(url: string, token: string): Promise<Socket> {
  const { hostname, port } = new URL(url);
  const socket = net.connect({ host: hostname, port: Number(port) });
  socket.write(`GET /events HTTP/1.1\r\nhost: ${hostname}\r\nauthorization: Bearer ${token}\r\n\r\n`);
  await once(socket, 'readable');
  expect(String(socket.read())).toMatch(/^HTTP\/1.1 200/);
  socket.pause();
  return socket;
}

/** Publishes until this many bytes wait for the reader. */
async function fillBuffer({ product }: RunningProduct, userId: number, end: Socket, bytes: number): Promise<void> {
  for (let published = 0; end.writableLength < bytes && published < enoughBytes; published += eventBytes) {
    product.parts.feed.publish(userId, [
      {
        type: 'reply.delta',
        chatroom_id: 1,
        message_id: 1,
        attempt: 1,
        offset: published,
        text: 'x'.repeat(eventBytes),
      },
    ]);
    await new Promise((resolve) => setImmediate(resolve));
  }
}

it('is closed at a mebibyte, while another connection of the user continues', async ({ running, user }) => {
  const { id: userId } = (await user.call('GET', '/user/me')).body;
  const slow = await openWithoutReading(running.url, user.tokens.access_token);
  const slowEnd = [...sockets].find(({ remotePort }) => remotePort === slow.localPort)!;
  await using fast = await user.events();
  let mostBuffered = 0;
  let published = 0;
  for (let offset = 0; !slowEnd.destroyed && published < enoughBytes; offset += eventBytes) {
    const text = 'x'.repeat(eventBytes);
    running.product.parts.feed.publish(userId, [
      { type: 'reply.delta', chatroom_id: 1, message_id: 1, attempt: 1, offset, text },
    ]);
    published += eventBytes;
    await fast.next((event) => event.offset === offset);
    mostBuffered = Math.max(mostBuffered, slowEnd.writableLength);
  }
  expect(slowEnd.destroyed).toBe(true);
  expect(mostBuffered).toBeGreaterThan(0);
  expect(mostBuffered).toBeLessThanOrEqual(mebibyte + 2 * eventBytes);
  const offsets = fast.received.flatMap(({ event }) => (event.type === 'reply.delta' ? [event.offset] : []));
  expect(offsets).toEqual(offsets.map((_, index) => index * eventBytes));
  expect((await user.call('GET', '/user/me')).status).toBe(200);
  slow.destroy();
});

it('is closed when its session ends, although data is unread', async ({ running, user }) => {
  const { id: userId } = (await user.call('GET', '/user/me')).body;
  const slow = await openWithoutReading(running.url, user.tokens.access_token);
  const slowEnd = [...sockets].find(({ remotePort }) => remotePort === slow.localPort)!;
  await fillBuffer(running, userId, slowEnd, mebibyte / 4);
  await expect.poll(() => slowEnd.writableLength).toBeGreaterThan(0);
  expect(slowEnd.destroyed).toBe(false);
  await user.call('POST', '/auth/logout');
  await expect.poll(() => slowEnd.destroyed, { timeout: 10_000 }).toBe(true);
  slow.destroy();
});
