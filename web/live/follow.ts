/** Follows the live feed over a WebSocket, or as server-sent events where sockets do not pass. */
import { followSocket, SocketClosed } from './follow-socket.ts';
import type { Follow } from './live-event.ts';

/** After a socket was refused and events were not, they are preferred for this long. */
const preferEventsMs = 10 * 60_000;
let preferEventsUntil = 0;

/** Loaded on demand. */
const followEvents: Follow = async (...rest) => (await import('./follow-events.ts')).followEvents(...rest);

export const follow: Follow = async (position, signal, deliver) => {
  if (Date.now() < preferEventsUntil) return followEvents(position, signal, deliver);
  let open = false;
  try {
    return await followSocket(position, signal, (sent) => {
      open = true;
      deliver(sent);
    });
  } catch (error) {
    if (open || signal.aborted || !(error instanceof SocketClosed)) throw error;
  }
  return followEvents(position, signal, (sent) => {
    if (!open) preferEventsUntil = Date.now() + preferEventsMs;
    open = true;
    deliver(sent);
  });
};
