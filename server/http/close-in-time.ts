/** Closes the server promptly: connections without a request are closed, accepted ones still get a response. */
import type { Socket } from 'node:net';
import type { FastifyInstance } from 'fastify';

/** A connection opened this recently may have a request in flight. */
const firstRequestWithinMs = 500;

/**
 * Browsers and load balancers open connections in advance. Until `headersTimeout` (a minute) Node counts such a
 * connection as active, and closing would wait for it.
 */
export function dropUnusedConnections(app: FastifyInstance): void {
  const unused = new Set<Socket>();
  app.server.on('connection', (socket: Socket) => {
    unused.add(socket);
    socket.once('close', () => unused.delete(socket));
  });
  app.server.on('request', ({ socket }) => unused.delete(socket));
  // A request for a WebSocket is no such event.
  app.addHook('onRequest', ({ raw }, _reply, done) => {
    unused.delete(raw.socket);
    done();
  });
  app.addHook('preClose', async () => {
    setTimeout(() => {
      for (const socket of unused) socket.destroy();
    }, firstRequestWithinMs).unref();
  });
}

/**
 * The kernel resets connections in the accept queue when the server stops listening. Waiting one turn of the event loop
 * accepts those that arrived during the current one. Register it as the last `preClose` hook.
 */
export function takeWaitingConnections(app: FastifyInstance): void {
  app.addHook('preClose', async () => {
    await new Promise((resolve) => setTimeout(resolve, 1));
    await new Promise((resolve) => setImmediate(resolve));
  });
}
