/** Every live connection of this process, whatever its transport: fed, kept alive, and closed when it has to be. */
import type { LiveSessions } from '../accounts/live-sessions.ts';
import type { Caller } from '../http/serve.ts';
import type { Feed, FeedEntry, FeedSubscription } from '../ports/feed.ts';

/** What a transport does with a connection; none of these may throw. */
export interface Transport {
  /** Called once, before anything else, with the position the client may resume from. */
  open(position: string): void;
  /** Returns a promise while the client is slow: it resolves when the client has taken everything, or is gone. */
  send(entry: FeedEntry): Promise<void> | void;
  /** Keeps proxies from closing an idle connection, and moves the client's position if one is given. */
  ping(position: string | null): void;
  close(): void;
}

export interface Attachment {
  readonly caller: Caller;
  /** Position to resume from, null to begin now. */
  readonly after: string | null;
  /** Only events of this room, null for all. */
  readonly roomId: number | null;
}

export interface LiveConnections extends AsyncDisposable {
  readonly size: number;
  /**
   * Feeds `transport` until the returned function is called or the session ends. Rejects when the feed cannot be reached;
   * a session that cannot be checked because the database is away is closed, and its client comes back.
   */
  attach(attachment: Attachment, transport: Transport): Promise<() => void>;
}

interface Connection {
  readonly caller: Caller;
  readonly transport: Transport;
  readonly subscription: FeedSubscription;
  /** Takes the position of the entries left out since the last one sent; null when there are none. */
  readonly takeSkipped: () => string | null;
}

const pingEveryMs = 15_000;
/** A feed ends within a second of its token. */
const expireEveryMs = 500;

export function liveConnections(feed: Feed, sessions: LiveSessions): LiveConnections {
  const connections = new Set<Connection>();

  function detach(connection: Connection): void {
    if (!connections.delete(connection)) return;
    void dispose(connection.subscription);
  }

  function close(connection: Connection): void {
    detach(connection);
    connection.transport.close();
  }

  async function isLive(caller: Caller): Promise<boolean> {
    try {
      return await sessions.isLive(caller);
    } catch {
      return false;
    }
  }

  // One timer for all: ten thousand idle connections cost no ten thousand timers.
  const pings = setInterval(() => {
    for (const { transport, takeSkipped } of connections) transport.ping(takeSkipped());
  }, pingEveryMs);
  const expiries = setInterval(() => {
    const now = Date.now();
    for (const connection of connections) if (connection.caller.expiresAtMs <= now) close(connection);
  }, expireEveryMs);
  const forget = sessions.onEnded((sessionId) => {
    for (const connection of connections)
      if (sessionId === null || connection.caller.sessionId === sessionId) close(connection);
  });

  return {
    get size() {
      return connections.size;
    },
    async attach({ caller, after, roomId }, transport) {
      let skipped: string | null = null;
      const deliver = (entry: FeedEntry) => {
        const wanted = roomId === null || entry.chatroomId === roomId || entry.type === 'feed.reset';
        skipped = wanted ? null : entry.id;
        return wanted ? transport.send(entry) : undefined;
      };
      // Else a client of a quiet room would come back at a position that is no longer held.
      const takeSkipped = () => {
        const position = skipped;
        skipped = null;
        return position;
      };
      const subscription = await feed.subscribe(caller.userId, after, deliver);
      const connection: Connection = { caller, transport, subscription, takeSkipped };
      connections.add(connection);
      transport.open(subscription.position);
      // The session may have ended while we were subscribing; the answer has begun, so one that cannot be checked is closed.
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

/** A feed that is away has forgotten the subscription anyway. */
async function dispose(subscription: FeedSubscription): Promise<void> {
  try {
    await subscription[Symbol.asyncDispose]();
  } catch {
    return;
  }
}
