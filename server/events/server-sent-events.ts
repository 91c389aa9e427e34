/** Server-sent events over a raw HTTP response (WHATWG HTML, section 9.2). */
import type { FastifyReply } from 'fastify';
import type { FeedEntry } from '../ports/feed.ts';
import type { Transport } from './connections.ts';

/** A reader that lets this much pile up is dropped; it resumes when it comes back. */
const maxBufferedBytes = 1024 * 1024;
const reconnectAfterMs = 2000;
/** What is buffered when a connection is closed may still be read for so long. */
const closeGraceMs = 5000;

/** One entry goes to many connections as the same bytes. */
const frames = new WeakMap<FeedEntry, Buffer>();

export function serverSentEvents(reply: FastifyReply): Transport {
  const { raw } = reply;
  let drained: Promise<void> | null = null;

  /** Returns a promise while the reader is slow; it resolves when all is written, or the connection is gone. */
  function write(bytes: string | Buffer): Promise<void> | void {
    if (raw.destroyed) return;
    // Looked at before writing: one large event must not drop a reader that keeps up.
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
        // nginx would otherwise hold events back.
        'x-accel-buffering': 'no',
      });
      // An id without data moves the client's position and dispatches nothing.
      void write(`retry: ${reconnectAfterMs}\nid: ${position}\n\n`);
    },
    send: (entry) => write(frameOf(entry)),
    ping: (position) => void write(position === null ? ': ping\n\n' : `id: ${position}\n\n`),
    close() {
      raw.end();
      // A reader that does not read would keep what is buffered for ever.
      const cut = setTimeout(() => raw.destroy(), closeGraceMs).unref();
      raw.once('close', () => clearTimeout(cut));
    },
  };
}

function frameOf(entry: FeedEntry): Buffer {
  let frame = frames.get(entry);
  if (!frame) {
    frame = Buffer.from(`id: ${entry.id}\nevent: ${entry.type}\ndata: ${entry.data}\n\n`);
    frames.set(entry, frame);
  }
  return frame;
}
