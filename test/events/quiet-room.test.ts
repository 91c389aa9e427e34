/** A client that follows one quiet room keeps a position that is still held, whatever happens in its other rooms. */
import { pino } from 'pino';
import { afterEach, expect, it, vi } from 'vitest';
import { openPglite } from '../../server/adapters/database-pglite.ts';
import { memoryFeed } from '../../server/adapters/feed-memory.ts';
import { watchRevocations } from '../../server/accounts/revocations.ts';
import { liveConnections } from '../../server/events/connections.ts';
import { embeddedPlace } from '../harness.ts';

const caller = { userId: 1, sessionId: '00000000-0000-4000-8000-000000000001', expiresAtMs: Infinity };
const pingMs = 15_000;

afterEach(() => void vi.useRealTimers());

it('is told with a ping how far the feed has come', { timeout: 30_000 }, async () => {
  await using place = await embeddedPlace();
  await using db = await openPglite(place.environment.DATA_DIR!);
  await using feed = memoryFeed();
  await using revocations = await watchRevocations(db, 60, pino({ level: 'silent' }));
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
  await using connections = liveConnections(feed, revocations);
  const seen: (string | null)[] = [];
  const transport = {
    open: () => {},
    send: ({ id }: { id: string }) => void seen.push(id),
    ping: (position: string | null) => void seen.push(position),
    close: () => {},
  };
  await connections.attach({ caller, after: null, roomId: 1 }, transport);
  const all: string[] = [];
  await using _all = await feed.subscribe(caller.userId, null, ({ id }) => void all.push(id));
  feed.publish(
    caller.userId,
    [1, 2, 3].map((id) => ({ type: 'chatroom.deleted', chatroom_id: id })),
  );
  await expect.poll(() => all.length).toBe(3);
  vi.advanceTimersByTime(pingMs);
  vi.advanceTimersByTime(pingMs);
  expect(seen).toEqual([all[0], all[2], null]);
});
