/** Events of the live feed, over either transport. */
import type { FeedEvent } from '../../contract/events.ts';

/** An event, or `feed.reset`: events may have been missed, so data must be read again. */
export type LiveEvent = FeedEvent | { readonly type: 'feed.reset'; readonly reason: string };

export interface Sent {
  /** Position to resume from; empty if it has not changed. */
  readonly id: string;
  /** Null for a ping, and for messages that only move the position. */
  readonly event: LiveEvent | null;
}

/**
 * Calls `deliver` for all that arrives after a position, in order, and resolves when the connection ends as announced. Rejects
 * when it is lost, cannot be opened, or `signal` is aborted.
 */
export type Follow = (position: string, signal: AbortSignal, deliver: (sent: Sent) => void) => Promise<void>;
