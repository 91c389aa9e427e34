/** Resets connections whose client does not read the response, which would stay in memory. */
import type { Socket } from 'node:net';
import type { FastifyInstance } from 'fastify';

const withinMs = 30_000;

/**
 * Resets a connection that accepted no byte for `afterMs` while some are buffered. Slow handlers and slow readers are not
 * affected.
 */
export function cutUnreadAnswers(app: FastifyInstance, afterMs = withinMs): void {
  app.addHook('onRequest', (_request, { raw }, done) => {
    // Node's first timeout records the buffered size; the second one fires only if it has not changed.
    raw.setTimeout(afterMs / 2, () => resetIfUnread(raw.socket));
    done();
  });
}

/** A reset: after a plain close the kernel would keep unread data for minutes. */
function resetIfUnread(socket: Socket | null): void {
  if (socket && socket.writableLength > 0) socket.resetAndDestroy();
}
