/** Follows the live feed over a WebSocket. */
import type { Ticket } from '../../contract/events.ts';
import { call } from '../api/request.ts';
import { apiBase } from '../api/send.ts';
import type { Follow, LiveEvent, Sent } from './live-event.ts';

/** Thrown when the connection was closed, or could not be opened. */
export class SocketClosed extends Error {}

/** The server drains: RFC 6455 registers it as "service restart". */
const comeBack = 1012;
/** Time limit, because a proxy may block sockets without refusing them. */
const openWithinMs = 10_000;

/** Buys a ticket, since a browser cannot send a token with a socket. */
export const followSocket: Follow = async (position, signal, deliver) => {
  const { ticket } = await call<Ticket>('POST', '/events/ticket', { signal });
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const socket = new WebSocket(addressWith(ticket));
  const late = setTimeout(() => reject(new SocketClosed('it does not open')), openWithinMs);
  const giveUp = () => reject(signal.reason as Error);
  signal.addEventListener('abort', giveUp);
  socket.addEventListener('open', () => {
    socket.send(JSON.stringify({ type: 'hello', resume_from: position === '' ? null : position }));
    // Not needed by the first page.
    void import('./visibility.ts').then(({ reportVisibility }) => reportVisibility(socket)).catch(() => {});
  });
  socket.addEventListener('message', ({ data }: MessageEvent<string>) => {
    clearTimeout(late);
    deliver(sentIn(data));
  });
  socket.addEventListener('close', ({ code }) => {
    if (code === comeBack) resolve();
    else reject(new SocketClosed(`it was closed with ${code}`));
  });
  try {
    await promise;
  } finally {
    clearTimeout(late);
    signal.removeEventListener('abort', giveUp);
    dismiss(socket);
  }
};

function addressWith(ticket: string): URL {
  const url = new URL(`${apiBase}/ws`, location.href);
  url.protocol = url.protocol === 'https:' ? 'wss:' : 'ws:';
  url.searchParams.set('ticket', ticket);
  return url;
}

type Frame = { readonly id?: string; readonly position?: string } & (
  | LiveEvent
  | { readonly type: 'welcome' | 'ping' | 'pong' }
);

function sentIn(data: string): Sent {
  const frame = JSON.parse(data) as Frame;
  const id = frame.id ?? frame.position ?? '';
  const isEvent = frame.type !== 'welcome' && frame.type !== 'ping' && frame.type !== 'pong';
  return { id, event: isEvent ? (frame as LiveEvent) : null };
}

/** Browsers complain about a socket that is closed before it is open. */
function dismiss(socket: WebSocket): void {
  if (socket.readyState === WebSocket.CONNECTING) socket.addEventListener('open', () => socket.close());
  else socket.close();
}
