/** Lets the server close in time: connections that never asked anything do not hold it up. */
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
