/** The live feed: one ordered log of events a user, kept for a while, readable from any process. */
import type { FeedEvent, FeedEventType } from '../../contract/events.ts';

export interface FeedEntry {
  /** Position in the user's feed; opaque, at most 64 characters. */
  readonly id: string;
  readonly type: FeedEventType;
  /** The room the event is about, null for one about the user. */
  readonly chatroomId: number | null;
  /** The event as JSON text, `type` included: serialised once, written to every connection. */
  readonly data: string;
}

export interface FeedSubscription extends AsyncDisposable {
  /** Position at which this subscription began: everything later is delivered to the listener. */
  readonly position: string;
}

export interface Feed extends AsyncDisposable {
  /**
   * Appends events to a user's feed in the order given; calls of one process for one user keep their order. Never
   * throws and never waits for the network. Events that cannot be delivered are dropped, and the user's feed gets a
   * `feed.reset` as soon as it can be reached again.
   */
  publish(userId: number, events: readonly FeedEvent[]): void;
  /**
   * Delivers every entry after `after` (from now on when null), without gap or repeat, then live. A position that is
   * no longer held, and every later loss, is told by a `feed.reset` entry carrying the position to go on from.
   * The listener is first called after this has resolved. The same entry object is handed to all listeners of a user in a process, so work on it can be shared. The listener
   * must not throw.
   */
  subscribe(userId: number, after: string | null, listener: (entry: FeedEntry) => void): Promise<FeedSubscription>;
  /** The newest entries still held, oldest first, at most `limit`. Empty when the feed is away. */
  recent(userId: number, limit: number): Promise<FeedEntry[]>;
  /** Rejects when the feed cannot be reached. */
  check(): Promise<void>;
}
