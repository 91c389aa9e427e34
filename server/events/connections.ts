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
  close(why: Closing): void;
}

/** `session_over`: the session or its token has ended; `come_back`: the client may connect again and resume. */
export type Closing = 'session_over' | 'come_back';

export interface Attachment {
  readonly caller: Identity;
  /** Position to resume from; null = start now. */
  readonly after: string | null;
  /** Only events of this room; null = all. */
  readonly roomId: number | null;
  /** Language of sentences in events. */
  readonly language: string;
}

export interface LiveConnections extends AsyncDisposable {
  readonly size: number;
  /** Closes `transport` when the session ends, while it is not fed yet. Returns the function that ends this. */
  watch(caller: Identity, transport: Transport): () => void;
  /**
   * Feeds `transport` until the returned function is called or the session ends. Rejects when the feed is unavailable.
   * Closes the connection when the session cannot be checked; the client then reconnects.
   */
  attach(attachment: Attachment, transport: Transport): Promise<() => void>;
}

interface Connection {
  readonly caller: Identity;
  readonly transport: Transport;
  /** Null while it is only watched. */
  readonly subscription: FeedSubscription | null;
  /** Returns and clears the position of entries filtered out since the last sent one; null if there are none. */
  readonly takeSkipped: () => string | null;
}

const pingEveryMs = 15_000;
/** A feed is closed within a second after its token expires. */
const expireEveryMs = 500;

export function liveConnections(feed: Feed, sessions: LiveSessions): LiveConnections {
  const connections = new Set<Connection>();
  let disposed = false;

  /** Connections that come while the process shuts down are closed at once. */
  function add(connection: Connection): void {
    connections.add(connection);
    if (disposed) close(connection, 'come_back');
  }

  function detach(connection: Connection): void {
    if (!connections.delete(connection)) return;
    if (connection.subscription) void dispose(connection.subscription);
  }

  /** `reason`: what the client is told about the end of its session. */
  function close(connection: Connection, why: Closing, reason: SessionEnd | null = null): void {
    detach(connection);
    if (reason !== null) void connection.transport.send(lastEntry(reason));
    connection.transport.close(why);
  }

  async function closeUnlessLive(connection: Connection): Promise<void> {
    try {
      if (!(await sessions.isLive(connection.caller))) close(connection, 'session_over');
    } catch {
      close(connection, 'come_back');
    }
  }

  // One timer for all connections.
  const pings = setInterval(() => {
    for (const { transport, subscription, takeSkipped } of connections) if (subscription) transport.ping(takeSkipped());
  }, pingEveryMs);
  const expiries = setInterval(() => {
    const now = Date.now();
    for (const connection of connections) if (connection.caller.expiresAtMs <= now) close(connection, 'session_over');
  }, expireEveryMs);
  const forget = sessions.onEnded((sessionId, reason) => {
    for (const connection of connections)
      if (connection.caller.sessionId === sessionId) close(connection, 'session_over', reason);
      else if (sessionId === null) close(connection, 'come_back');
  });

  return {
    get size() {
      return connections.size;
    },
    watch(caller, transport) {
      const connection: Connection = { caller, transport, subscription: null, takeSkipped: () => null };
      add(connection);
      return () => detach(connection);
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
      transport.open(subscription.position);
      add(connection);
      // The session may have ended during the subscription. The response has begun, so if the check fails the connection closes.
      await closeUnlessLive(connection);
      return () => detach(connection);
    },
    async [Symbol.asyncDispose]() {
      disposed = true;
      clearInterval(pings);
      clearInterval(expiries);
      forget();
      for (const connection of connections) close(connection, 'come_back');
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
