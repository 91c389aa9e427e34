/** What both feeds make of events: entries, and the reset that tells of a gap. */
import type { FeedEvent } from '../../contract/events.ts';
import type { FeedEntry } from '../ports/feed.ts';

/** How many entries of a user are held. */
export const heldEntries = 4096;
/** How long the entries of a user outlive the last one. */
export const idleExpiryMs = 3_600_000;

/** `position`: the one asked for is no longer held. `loss`: events could not be delivered. */
export type ResetReason = 'position' | 'loss';

const reasons: Record<ResetReason, string> = {
  position: 'The position asked for is no longer held.',
  loss: 'Events could not be delivered for a while.',
};

/** The event that tells clients to read over HTTP what they show. */
export function resetEvent(reason: ResetReason): FeedEvent {
  return { type: 'feed.reset', reason: reasons[reason] };
}

/** A reset made up for one listener, carrying the position from which it goes on. */
export function resetEntry(id: string, reason: ResetReason): FeedEntry {
  return { id, type: 'feed.reset', chatroomId: null, data: JSON.stringify(resetEvent(reason)) };
}

/** The room an event is about. */
export function roomOf(event: FeedEvent): number | null {
  return 'chatroom_id' in event ? event.chatroom_id : null;
}
