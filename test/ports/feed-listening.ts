/** Shared by the feed suites: numbered events, and listeners that record them. */
import { expect, vi } from 'vitest';
import type { FeedEvent } from '../../contract/events.ts';
import type { Feed, FeedEntry, FeedSubscription } from '../../server/ports/feed.ts';

export const patience = { timeout: 25_000, interval: 5 };
/** The user whose feed is tested. */
export const user = 7;

/** Event number `n`. */
export function numbered(n: number): FeedEvent {
  return { type: 'message.updated', chatroom_id: n, message_id: 1, feedback: null, versions: [] };
}

/** Event number `n` with a text of this length. */
export function sized(n: number, characters: number): FeedEvent {
  return {
    type: 'reply.delta',
    chatroom_id: n,
    message_id: 1,
    attempt: 1,
    offset: 0,
    text: 'x'.repeat(characters),
  };
}

export function range(from: number, to: number): number[] {
  return Array.from({ length: to - from + 1 }, (_, index) => from + index);
}

/** The number of an entry's event, or `reset`. */
export function read(entry: FeedEntry): number | string | null {
  return entry.type === 'feed.reset' ? 'reset' : entry.chatroomId;
}

export interface Listening {
  readonly entries: FeedEntry[];
  readonly subscription: FeedSubscription;
  /** The received entries, as numbers and `reset`. */
  readonly received: () => (number | string | null)[];
}

/** Subscribes, and checks that nothing is delivered before the position. */
export async function listen(feed: Feed, after: string | null, userId = user): Promise<Listening> {
  const entries: FeedEntry[] = [];
  const subscription = await feed.subscribe(userId, after, (entry) => void entries.push(entry));
  expect(entries).toEqual([]);
  return { entries, subscription, received: () => entries.map(read) };
}

/** Waits until exactly these were received. */
export async function expectReceived(listening: Listening, expected: readonly (number | string)[]): Promise<void> {
  await vi.waitFor(() => expect(listening.received()).toEqual(expected), patience);
}

/** Positions of the received entries. */
export function ids(listening: Listening): string[] {
  return listening.entries.map(({ id }) => id);
}
