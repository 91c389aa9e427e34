/** Server-sent events over a raw HTTP response (WHATWG HTML, section 9.2). */
import type { FastifyReply } from 'fastify';
import type { FeedEntry } from '../ports/feed.ts';
import type { Transport } from './connections.ts';

/** A reader with this much unread is disconnected; it resumes when it reconnects. */
const maxBufferedBytes = 1024 * 1024;
const reconnectAfterMs = 2000;
/** Time to deliver what is buffered when a connection is closed. */
const closeGraceMs = 5000;

/** Cache of encoded entries: many connections receive the same bytes. */
const frames = new WeakMap<FeedEntry, Buffer>();

export function serverSentEvents(reply: FastifyReply): Transport {
  const { raw } = reply;
  let drained: Promise<void> | null = null;

  /** Returns a promise while the reader is slow; it resolves when everything is written or the connection has closed. */
  function write(bytes: string | Buffer): Promise<void> | void {
    if (raw.destroyed) return;
    // Checked before writing, so that one large event does not disconnect a reader that keeps up.
    if (raw.writableLength > maxBufferedBytes) return void raw.destroy();
    if (raw.write(bytes)) return;
    drained ??= untilDrained();
    return drained;
  }

  function untilDrained(): Promise<void> {
    return new Promise((resolve) => {
      const done = () => {
        raw.off('drain', done).off('close', done);
        drained = null;
        resolve();
      };
      raw.on('drain', done).on('close', done);
    });
  }

  return {
    open(position) {
      reply.hijack();
      raw.writeHead(200, {
        ...(reply.getHeaders() as Record<string, string>),
        'content-type': 'text/event-stream; charset=utf-8',
        'cache-control': 'no-cache, no-transform',
        // Otherwise nginx buffers events.
        'x-accel-buffering': 'no',
      });
      // An id without data advances the client's position and dispatches no event.
      void write(`retry: ${reconnectAfterMs}\nid: ${position}\n\n`);
    },
    send: (entry) => write(frameOf(entry)),
    ping: (position) => void write(position === null ? ': ping\n\n' : `id: ${position}\n\n`),
    close() {
      raw.end();
      // A reader that does not read would keep the buffer in memory.
      const cut = setTimeout(() => raw.destroy(), closeGraceMs).unref();
      raw.once('close', () => clearTimeout(cut));
    },
  };
}

function frameOf(entry: FeedEntry): Buffer {
  let frame = frames.get(entry);
  if (!frame) {
    frame = Buffer.from(`${entry.id === '' ? '' : `id: ${entry.id}\n`}event: ${entry.type}\ndata: ${entry.data}\n\n`);
    frames.set(entry, frame);
  }
  return frame;
}
