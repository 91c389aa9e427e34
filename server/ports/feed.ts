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

/**
 * Takes one entry; must not throw. While a promise it returned is pending it gets no further page of the backlog; live
 * entries do not wait for it. The promise must not reject.
 */
export type FeedListener = (entry: FeedEntry) => Promise<void> | void;

export interface FeedSubscription extends AsyncDisposable {
  /** Position at which this subscription began: everything later is delivered to the listener. */
  readonly position: string;
}

/** Memory where the feeds are kept: all of Redis, or what this process keeps. */
export interface FeedMemory {
  readonly usedBytes: number;
  /** Null when nothing bounds it. */
  readonly limitBytes: number | null;
}

export interface Feed extends AsyncDisposable {
  /**
   * Appends events to a user's feed in the order given; calls of one process for one user keep their order. Never
   * throws and never waits for the network. Events that cannot be delivered are dropped, and the user's feed gets a
   * `feed.reset` as soon as it can be reached again; so does a single event of more than 256 KiB.
   */
  publish(userId: number, events: readonly FeedEvent[]): void;
  /**
   * Delivers every entry after `after` (from now on when null), without gap or repeat, then live. A position that is
   * no longer held, and every later loss, is told by a `feed.reset` entry carrying the position to go on from: a feed
   * holds 1 MiB, and forgets the oldest entries beyond. The listener is first called after this has resolved. The same
   * live entry object is handed to all listeners of a user in a process, so work on it can be shared.
   */
  subscribe(userId: number, after: string | null, listener: FeedListener): Promise<FeedSubscription>;
  /** The newest entries still held, oldest first, at most `limit`. Empty when the feed is away. */
  recent(userId: number, limit: number): Promise<FeedEntry[]>;
  /** Rejects when the feed cannot be reached. */
  memory(): Promise<FeedMemory>;
  /** Rejects when the feed cannot be reached, or has used more than nine tenths of its memory. */
  check(): Promise<void>;
}
