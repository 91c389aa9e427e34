/** Server-sent events over a raw HTTP response (WHATWG HTML, section 9.2). */
import type { FastifyReply } from 'fastify';
import type { FeedEntry } from '../ports/feed.ts';
import type { Transport } from './connections.ts';

/** A reader that lets this much pile up is dropped; it resumes when it comes back. */
const maxBufferedBytes = 1024 * 1024;
const reconnectAfterMs = 2000;

/** One entry goes to many connections as the same bytes. */
const frames = new WeakMap<FeedEntry, Buffer>();

export function serverSentEvents(reply: FastifyReply): Transport {
  const { raw } = reply;

  function write(bytes: string | Buffer): void {
    if (raw.destroyed) return;
    // Looked at before writing: one large event must not drop a reader that keeps up.
    if (raw.writableLength > maxBufferedBytes) raw.destroy();
    else raw.write(bytes);
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
      write(`retry: ${reconnectAfterMs}\nid: ${position}\n\n`);
    },
    send: (entry) => write(frameOf(entry)),
    ping: () => write(': ping\n\n'),
    close: () => {
      raw.end();
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
