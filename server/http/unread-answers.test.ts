/** Answers that are not read are cut off; slow readers and slow handlers are not. */
import { once } from 'node:events';
import net, { type AddressInfo } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import fastify, { type FastifyInstance } from 'fastify';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { cutUnreadAnswers } from './unread-answers.ts';

const afterMs = 400;
/** More than the kernel's buffers hold. */
const large = Buffer.alloc(32 * 1024 * 1024);

let app: FastifyInstance;

beforeEach(async () => {
  app = fastify();
  cutUnreadAnswers(app, afterMs);
  app.get('/large', async () => large);
  app.get('/slow', async () => delay(afterMs * 2, 'at last'));
  await app.listen({ port: 0, host: '127.0.0.1' });
});

afterEach(() => app.close());

async function ask(path: string): Promise<net.Socket> {
  const socket = net.connect({ host: '127.0.0.1', port: (app.server.address() as AddressInfo).port });
  socket.on('error', () => {});
  await once(socket, 'connect');
  socket.pause();
  socket.write(`GET ${path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n`);
  return socket;
}

function connections(): Promise<number> {
  return new Promise((resolve, reject) =>
    app.server.getConnections((error, count) => (error ? reject(error) : resolve(count))),
  );
}

it('cuts off an answer that is not read', async () => {
  const socket = await ask('/large');
  await vi.waitFor(async () => expect(await connections()).toBe(1));
  await vi.waitFor(async () => expect(await connections()).toBe(0), { timeout: afterMs * 5 });
  socket.destroy();
});

it('does not cut off a slow reader', async () => {
  const socket = await ask('/large');
  const startedAt = performance.now();
  let bytes = 0;
  socket.on('data', (chunk) => {
    bytes += chunk.length;
    // A pause every two megabytes, each shorter than the limit, but longer in total.
    if (Math.floor(bytes / 2 ** 21) === Math.floor((bytes - chunk.length) / 2 ** 21)) return;
    socket.pause();
    setTimeout(() => socket.resume(), afterMs / 8);
  });
  socket.resume();
  await once(socket, 'close');
  expect(performance.now() - startedAt).toBeGreaterThan(afterMs * 1.5);
  expect(bytes).toBeGreaterThan(large.length);
});

it('waits for a slow handler', async () => {
  const socket = await ask('/slow');
  socket.resume();
  const [chunk] = (await once(socket, 'data')) as [Buffer];
  expect(chunk.toString()).toMatch(/^HTTP\/1\.1 200 OK\r\n[\s\S]*at last$/);
  socket.destroy();
});
