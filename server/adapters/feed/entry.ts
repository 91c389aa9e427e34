/** Shared by both feeds: entries with a size, their bounds, and the reset that reports a gap. */
import type { FeedEvent } from '../../../contract/events.ts';
import type { FeedEntry } from '../../ports/feed.ts';

/** Limit of a user's feed: the sum of `FeedItem.bytes`. */
export const heldBytes = 1024 * 1024;
/** Trimming searches for the oldest entry to keep, so it runs once for many entries. */
export const trimStepBytes = heldBytes / 8;
/** Larger events are not held, so that a feed has room for several. The longest message takes 192 KiB as JSON. */
const largestEventBytes = heldBytes / 4;
/** Size of an entry without its text. Bounds the number of small entries. */
export const entryOverheadBytes = 128;
/** Backlog delivered to a reader at a time. */
export const pageBytes = 64 * 1024;
/** A user's entries expire this long after the last one. */
export const idleExpiryMs = 3_600_000;

/** Rooms of a user whose `chatroom.deleted` is remembered, the latest ones. A worker may write for a while in a room that is gone. */
export const goneRoomsAtMost = 500;

/** `position`: the requested one is no longer held. `loss`: events could not be delivered. `size`: one was too large. */
export type ResetReason = 'position' | 'loss' | 'size';

const reasons: Record<ResetReason, string> = {
  position: 'The position asked for is no longer held.',
  loss: 'Events could not be delivered for a while.',
  size: 'An event was too large for the feed.',
};

/** An event to append to a feed: an entry without an id. */
export interface FeedItem extends Omit<FeedEntry, 'id'> {
  /** Counted against `heldBytes`. */
  readonly bytes: number;
}

/** Serialises an event; one larger than `largestEventBytes` becomes a reset, so that clients read it over HTTP. */
export function feedItem(event: FeedEvent): FeedItem {
  const data = JSON.stringify(event);
  const bytes = Buffer.byteLength(data) + entryOverheadBytes;
  if (bytes > largestEventBytes) return resetItem('size');
  return { type: event.type, chatroomId: 'chatroom_id' in event ? event.chatroom_id : null, data, bytes };
}

/** The event that makes clients read again over HTTP. */
export function resetItem(reason: ResetReason): FeedItem {
  return feedItem({ type: 'feed.reset', reason: reasons[reason] });
}

/** A reset for one listener, with the position from which it continues. */
export function resetEntry(id: string, reason: ResetReason): FeedEntry {
  const { type, chatroomId, data } = resetItem(reason);
  return { id, type, chatroomId, data };
}
