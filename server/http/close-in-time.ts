/** Lets the server close in time, and cleanly: who never asked does not hold it up, who has connected is answered. */
import type { Socket } from 'node:net';
import type { FastifyInstance } from 'fastify';

/** A request may be on its way over a connection that was just opened. */
const firstRequestWithinMs = 500;

/**
 * Browsers and balancers open connections ahead of need. Node takes one without a request for a busy one until its
 * `headersTimeout` (a minute), and closing would wait for it.
 */
export function dropUnusedConnections(app: FastifyInstance): void {
  const unused = new Set<Socket>();
  app.server.on('connection', (socket: Socket) => {
    unused.add(socket);
    socket.once('close', () => unused.delete(socket));
  });
  app.server.on('request', ({ socket }) => unused.delete(socket));
  app.addHook('preClose', async () => {
    setTimeout(() => {
      for (const socket of unused) socket.destroy();
    }, firstRequestWithinMs).unref();
  });
}

/**
 * The kernel resets connections that wait to be taken when the server stops listening. Those that came while this turn of
 * the event loop ran are taken in the next one; right after that the fewest wait. Register it as the last `preClose` hook.
 */
export function takeWaitingConnections(app: FastifyInstance): void {
  app.addHook('preClose', async () => {
    await new Promise((resolve) => setTimeout(resolve, 1));
    await new Promise((resolve) => setImmediate(resolve));
  });
}
