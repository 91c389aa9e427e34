/** One account requests the largest page over many connections and reads none: memory stays bounded. */
import { once } from 'node:events';
import net from 'node:net';
import { expect } from 'vitest';
import { signIn } from '../client.ts';
import { fillRoom } from '../fill-room.ts';
import { productTest } from '../fixtures.ts';

const connections = 40;
const atOnce = 6;
const mebibyte = 1024 * 1024;
/** One byte of text is six in JSON, so that a page exceeds the kernel's buffers. */
const widest = '\u0001'.repeat(32_000);

const it = productTest({ environment: { ACCOUNT_REQUESTS_AT_ONCE: String(atOnce) } });

it('has at most six unread pages of an account in memory, and answers other accounts', async ({
  running,
  sql,
  url,
  user: other,
}) => {
  const held = new Set<net.Socket>();
  running.product.app!.server.on('connection', (socket: net.Socket) => {
    held.add(socket);
    socket.once('close', () => held.delete(socket));
  });
  const unread = () => [...held].filter((socket) => socket.writableLength > 0);
  const attacker = await signIn(url);
  const roomId = await attacker.room();
  await fillRoom(sql, roomId, widest, 100);

  const { hostname, port } = new URL(url);
  using attack = new DisposableStack();
  await Promise.all(
    Array.from({ length: connections }, async () => {
      const socket = net.connect({ host: hostname, port: Number(port) });
      attack.defer(() => socket.destroy());
      socket.on('error', () => {});
      await once(socket, 'connect');
      socket.pause();
      socket.write(
        `GET /chatroom/${roomId}/messages?limit=100 HTTP/1.1\r\nhost: ${hostname}\r\n` +
          `authorization: Bearer ${attacker.tokens.access_token}\r\n\r\n`,
      );
    }),
  );
  await expect.poll(() => unread().length).toBe(atOnce);
  for (let n = 0; n < 10; n++) expect((await other.call('GET', '/chatroom')).status).toBe(200);
  expect(unread()).toHaveLength(atOnce);
  const bytes = unread().reduce((sum, { writableLength }) => sum + writableLength, 0);
  expect(bytes).toBeGreaterThan(atOnce * mebibyte);
  expect(bytes).toBeLessThan(atOnce * 7 * mebibyte);

  attack.dispose();
  await expect.poll(() => unread().length).toBe(0);
  // Every slot is free again.
  expect((await attacker.call('GET', '/chatroom')).status).toBe(200);
});
