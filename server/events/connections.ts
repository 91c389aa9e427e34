/** Live connections of this process, for any transport: feeding, keep-alive and closing. */
import type { FeedEvent } from '../../contract/events.ts';
import type { LiveSessions, SessionEnd } from '../accounts/live-sessions.ts';
import type { Identity } from '../http/serve.ts';
import type { Feed, FeedEntry, FeedSubscription } from '../ports/feed.ts';
import { entryInLanguage } from './in-language.ts';

/** Implemented by a transport. None of the methods may throw. */
export interface Transport {
  /** Called first and once, with the position the client can resume from. */
  open(position: string): void;
  /** Returns a promise while the client is slow; it resolves when everything has been written or the client has left. */
  send(entry: FeedEntry): Promise<void> | void;
  /** Sends a keep-alive; with a position, also advances the client's. */
  ping(position: string | null): void;
  close(): void;
}

export interface Attachment {
  readonly caller: Identity;
  /** Position to resume from; null = start now. */
  readonly after: string | null;
  /** Only events of this room; null = all. */
  readonly roomId: number | null;
  /** What the service says to people in events is said in this language. */
  readonly language: string;
}

export interface LiveConnections extends AsyncDisposable {
  readonly size: number;
  /**
   * Feeds `transport` until the returned function is called or the session ends. Rejects when the feed is unavailable.
   * Closes the connection when the session cannot be checked; the client then reconnects.
   */
  attach(attachment: Attachment, transport: Transport): Promise<() => void>;
}

interface Connection {
  readonly caller: Identity;
  readonly transport: Transport;
  readonly subscription: FeedSubscription;
  /** Returns and clears the position of entries filtered out since the last sent one; null if there are none. */
  readonly takeSkipped: () => string | null;
}

const pingEveryMs = 15_000;
/** A feed is closed within a second after its token expires. */
const expireEveryMs = 500;

export function liveConnections(feed: Feed, sessions: LiveSessions): LiveConnections {
  const connections = new Set<Connection>();

  function detach(connection: Connection): void {
    if (!connections.delete(connection)) return;
    void dispose(connection.subscription);
  }

  /** `reason`: why the session is over; null if only this connection is. */
  function close(connection: Connection, reason: SessionEnd | null = null): void {
    detach(connection);
    if (reason !== null) void connection.transport.send(lastEntry(reason));
    connection.transport.close();
  }

  async function isLive(caller: Identity): Promise<boolean> {
    try {
      return await sessions.isLive(caller);
    } catch {
      return false;
    }
  }

  // One timer for all connections.
  const pings = setInterval(() => {
    for (const { transport, takeSkipped } of connections) transport.ping(takeSkipped());
  }, pingEveryMs);
  const expiries = setInterval(() => {
    const now = Date.now();
    for (const connection of connections) if (connection.caller.expiresAtMs <= now) close(connection);
  }, expireEveryMs);
  const forget = sessions.onEnded((sessionId, reason) => {
    for (const connection of connections)
      if (connection.caller.sessionId === sessionId) close(connection, reason);
      else if (sessionId === null) close(connection);
  });

  return {
    get size() {
      return connections.size;
    },
    async attach({ caller, after, roomId, language }, transport) {
      let skipped: string | null = null;
      const deliver = (entry: FeedEntry) => {
        const wanted = roomId === null || entry.chatroomId === roomId || entry.type === 'feed.reset';
        skipped = wanted ? null : entry.id;
        return wanted ? transport.send(entryInLanguage(entry, language)) : undefined;
      };
      // Otherwise a client of a quiet room would reconnect at a position that is no longer held.
      const takeSkipped = () => {
        const position = skipped;
        skipped = null;
        return position;
      };
      const subscription = await feed.subscribe(caller.userId, after, deliver);
      const connection: Connection = { caller, transport, subscription, takeSkipped };
      connections.add(connection);
      transport.open(subscription.position);
      // The session may have ended during the subscription. The response has begun, so if the check fails the connection closes.
      if (!(await isLive(caller))) close(connection);
      return () => detach(connection);
    },
    async [Symbol.asyncDispose]() {
      clearInterval(pings);
      clearInterval(expiries);
      forget();
      for (const connection of connections) close(connection);
    },
  };
}

/** Belongs to a connection and not to the feed, so it has no position. */
function lastEntry(reason: SessionEnd): FeedEntry {
  const event: FeedEvent = { type: 'session.ended', reason };
  return { id: '', type: event.type, chatroomId: null, data: JSON.stringify(event) };
}

/** An unavailable feed has no subscription left to remove. */
async function dispose(subscription: FeedSubscription): Promise<void> {
  try {
    await subscription[Symbol.asyncDispose]();
  } catch {
    return;
  }
}
