/** The live feed over a WebSocket (RFC 6455): the client's first frame has the position to start from. */
import type { WebSocket } from 'ws';
import {
  clientFrames,
  frameRate,
  helloWithinSeconds,
  type ClientFrame,
  type SocketClose,
} from '../../contract/socket.ts';
import type { Identity } from '../http/serve.ts';
import { frameCheck, readFrames } from '../http/socket-frames.ts';
import type { FeedEntry } from '../ports/feed.ts';
import type { Presence } from '../ports/presence.ts';
import type { Closing, LiveConnections, Transport } from './connections.ts';
import { lookingAt } from './looking.ts';

/** A reader with this much unread is disconnected; it resumes when it reconnects. */
const maxBufferedBytes = 1024 * 1024;
/** Above this much unread the reader counts as slow. */
const slowBytes = 64 * 1024;

const codes: Readonly<Record<Closing, SocketClose>> = { come_back: 1012, session_over: 4401 };
const tooSlow: SocketClose = 4413;

export interface SocketClient {
  readonly caller: Identity;
  /** Language of sentences in events. */
  readonly language: string;
}

/** Serves the feed on an open connection until it closes. */
export function followOverSocket(
  socket: WebSocket,
  { caller, language }: SocketClient,
  connections: LiveConnections,
  presence: Presence,
): void {
  const looking = lookingAt(presence, caller.userId, performance.now());
  const transport = overSocket(socket, () => looking.check(performance.now()));
  socket.on('pong', () => looking.heard(performance.now()));
  const close = (code: SocketClose) => socket.close(code);
  let greeted = false;
  let leave = connections.watch(caller, transport);
  const late = setTimeout(() => close(4408), helloWithinSeconds * 1000);
  socket.once('close', () => {
    looking.end();
    clearTimeout(late);
    leave();
  });

  async function follow(after: string | null): Promise<void> {
    const unwatch = leave;
    try {
      leave = await connections.attach({ caller, after, roomId: null, language }, transport);
    } catch {
      transport.close('come_back');
      return;
    }
    unwatch();
    // The client left during the subscription, so `close` has fired already.
    if (socket.readyState === socket.CLOSED) leave();
  }

  function take(frame: ClientFrame): void {
    looking.heard(performance.now());
    if (frame.type === 'hello') {
      if (greeted) return close(1008);
      greeted = true;
      clearTimeout(late);
      void follow(frame.resume_from || null);
    } else if (!greeted) close(4408);
    else if (frame.type === 'visibility') looking.see(frame.visible);
    else transport.pong();
  }

  readFrames(socket, { ...frameRate, check, take, close });
}

const check = frameCheck(clientFrames);

interface SocketTransport extends Transport {
  pong(): void;
}

/** `pinged` is called with each ping of the protocol, which every client answers by itself while its device is awake. */
function overSocket(socket: WebSocket, pinged: () => void): SocketTransport {
  /** Returns a promise while the reader is slow; it resolves when this frame is written or the connection has closed. */
  function write(frame: string | Buffer): Promise<void> | void {
    if (socket.readyState !== socket.OPEN) return;
    // Checked before writing, so that one large event does not disconnect a reader that keeps up.
    if (socket.bufferedAmount > maxBufferedBytes) return socket.close(tooSlow);
    const { promise, resolve } = Promise.withResolvers<void>();
    socket.send(frame, { binary: false }, () => resolve());
    return socket.bufferedAmount > slowBytes ? promise : undefined;
  }

  const tell = (frame: object) => void write(JSON.stringify(frame));
  return {
    open: (position) => tell({ type: 'welcome', position }),
    send: (entry) => write(frameOf(entry)),
    ping(position) {
      tell({ type: 'ping', ...(position !== null && { position }) });
      if (socket.readyState === socket.OPEN) socket.ping();
      pinged();
    },
    pong: () => tell({ type: 'pong' }),
    close: (why) => socket.close(codes[why]),
  };
}

/** Cache of encoded entries: many connections receive the same bytes. */
const frames = new WeakMap<FeedEntry, Buffer>();

function frameOf(entry: FeedEntry): Buffer {
  const known = frames.get(entry);
  if (known) return known;
  const frame = Buffer.from(entry.id === '' ? entry.data : `{"id":${JSON.stringify(entry.id)},${entry.data.slice(1)}`);
  frames.set(entry, frame);
  return frame;
}
