/** What both feeds make of events: entries with a size, the bounds on what is held, and the reset that tells of a gap. */
import type { FeedEvent } from '../../../contract/events.ts';
import type { FeedEntry } from '../../ports/feed.ts';

/** How much of a user's feed is held: the sizes of its entries as `FeedItem.bytes` counts them. */
export const heldBytes = 1024 * 1024;
/** Trimming finds the oldest entry to keep, so it happens once for many entries. */
export const trimStepBytes = heldBytes / 8;
/** An event that is larger is not held: a feed must have room for several. The longest message takes 192 KiB as JSON. */
const largestEventBytes = heldBytes / 4;
/** What an entry costs beside its text. Bounds the number of the smallest ones. */
export const entryOverheadBytes = 128;
/** How much of the backlog a reader is given at a time. */
export const pageBytes = 64 * 1024;
/** How long the entries of a user outlive the last one. */
export const idleExpiryMs = 3_600_000;

/** `position`: the one asked for is no longer held. `loss`: events could not be delivered. `size`: one was too large. */
export type ResetReason = 'position' | 'loss' | 'size';

const reasons: Record<ResetReason, string> = {
  position: 'The position asked for is no longer held.',
  loss: 'Events could not be delivered for a while.',
  size: 'An event was too large for the feed.',
};

/** An event on its way into a feed: an entry without an id. */
export interface FeedItem extends Omit<FeedEntry, 'id'> {
  /** What it counts against `heldBytes`. */
  readonly bytes: number;
}

/** Serialises an event; one larger than `largestEventBytes` becomes a reset, so that clients read it over HTTP. */
export function feedItem(event: FeedEvent): FeedItem {
  const data = JSON.stringify(event);
  const bytes = Buffer.byteLength(data) + entryOverheadBytes;
  if (bytes > largestEventBytes) return resetItem('size');
  return { type: event.type, chatroomId: 'chatroom_id' in event ? event.chatroom_id : null, data, bytes };
}

/** The event that tells clients to read over HTTP what they show. */
export function resetItem(reason: ResetReason): FeedItem {
  return feedItem({ type: 'feed.reset', reason: reasons[reason] });
}

/** A reset made up for one listener, carrying the position from which it goes on. */
export function resetEntry(id: string, reason: ResetReason): FeedEntry {
  const { type, chatroomId, data } = resetItem(reason);
  return { id, type, chatroomId, data };
}
