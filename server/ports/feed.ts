/** Port: the live feed, an ordered log of each user's recent events that every process can read. */
import type { FeedEvent, FeedEventType } from '../../contract/events.ts';

export interface FeedEntry {
  /** Position in the user's feed; opaque, at most 64 characters. Empty for the last event of a connection. */
  readonly id: string;
  readonly type: FeedEventType;
  /** The event's room; null for events of the user. */
  readonly chatroomId: number | null;
  /** The event as JSON with its `type`, serialised once for all connections. */
  readonly data: string;
}

/**
 * Receives one entry. Must not throw. The next page of a backlog is read after the returned promise resolves; live entries
 * do not wait for it. The promise must not reject.
 */
export type FeedListener = (entry: FeedEntry) => Promise<void> | void;

export interface FeedSubscription extends AsyncDisposable {
  /** Where this subscription began; every later entry is delivered. */
  readonly position: string;
}

/** Memory used by feeds: all of Redis, or the feeds of this process. */
export interface FeedMemory {
  readonly usedBytes: number;
  /** Null if there is no limit. */
  readonly limitBytes: number | null;
}

export interface Feed extends AsyncDisposable {
  /**
   * Appends events to a user's feed in this order; calls of one process keep theirs. Never throws and never waits for the
   * network. Events that cannot be delivered, or exceed 256 KiB, are dropped, and the user's feed gets a `feed.reset` once
   * it is available again. Events of a room that follow its `chatroom.deleted`, from any process, are dropped too.
   */
  publish(userId: number, events: readonly FeedEvent[]): void;
  /**
   * Delivers every entry after `after` (null = from now on), without gap or repeat, then live ones. A feed holds 1 MiB and
   * drops its oldest entries; a position that is no longer held, and every later loss, is reported by a `feed.reset`
   * entry with the position to continue from. The listener is first called after this resolves. All listeners of a user
   * in a process receive the same entry object, so that work on it can be shared.
   */
  subscribe(userId: number, after: string | null, listener: FeedListener): Promise<FeedSubscription>;
  /** The newest entries, at most `limit`, oldest first. Empty while the feed is unavailable. */
  recent(userId: number, limit: number): Promise<FeedEntry[]>;
  /** Drops all entries of a user; listeners and later readers get a `feed.reset`. Rejects when the feed is unavailable. */
  forget(userId: number): Promise<void>;
  /** Rejects when the feed is unavailable. */
  memory(): Promise<FeedMemory>;
  /** Rejects when the feed is unavailable or uses more than nine tenths of its memory. */
  check(): Promise<void>;
}
