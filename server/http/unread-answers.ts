/** Cuts off answers that nobody reads: until their last byte has left, they are held in this process. */
import type { Socket } from 'node:net';
import type { FastifyInstance } from 'fastify';

const withinMs = 30_000;

/**
 * Resets a connection on which nothing could be written for `afterMs`, while bytes wait to be. Handlers that take their
 * time, and readers that are slow but read, are left alone.
 */
export function cutUnreadAnswers(app: FastifyInstance, afterMs = withinMs): void {
  app.addHook('onRequest', (_request, { raw }, done) => {
    // Node's first time-out only notes how much is left to write; at the second it knows that nothing moved.
    raw.setTimeout(afterMs / 2, () => resetIfUnread(raw.socket));
    done();
  });
}

/** A reset, for a plain close would leave what is unread to the kernel for minutes. */
function resetIfUnread(socket: Socket | null): void {
  if (socket && socket.writableLength > 0) socket.resetAndDestroy();
}
