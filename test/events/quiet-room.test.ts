/** A client that follows one quiet room keeps a valid position during activity in other rooms. */
import { pino } from 'pino';
import { afterEach, expect, it, vi } from 'vitest';
import { memoryFeed } from '../../server/adapters/feed/memory.ts';
import { watchSessions } from '../../server/accounts/live-sessions.ts';
import { liveConnections } from '../../server/events/connections.ts';
import { signIn } from '../client.ts';
import { embeddedPlace, startProduct } from '../harness.ts';

const pingMs = 15_000;

afterEach(() => void vi.useRealTimers());

it("receives the feed's position with a ping", async () => {
  await using place = await embeddedPlace();
  await using running = await startProduct(place);
  const user = await signIn(running.url);
  const [{ id: userId }, [{ id: sessionId }]] = await Promise.all(
    ['/user/me', '/user/sessions'].map(async (path) => (await user.call('GET', path)).body),
  );
  const caller = { userId, sessionId, expiresAtMs: Infinity };
  await using feed = memoryFeed();
  await using sessions = await watchSessions(running.product.parts.db, pino({ level: 'silent' }));
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
  await using connections = liveConnections(feed, sessions);
  const seen: (string | null)[] = [];
  const transport = {
    open: () => {},
    send: ({ id }: { id: string }) => void seen.push(id),
    ping: (position: string | null) => void seen.push(position),
    close: () => void seen.push('closed'),
  };
  await connections.attach({ caller, after: null, roomId: 1, language: 'en' }, transport);
  const all: string[] = [];
  await using _all = await feed.subscribe(userId, null, ({ id }) => void all.push(id));
  feed.publish(
    userId,
    [1, 2, 3].map((id) => ({ type: 'chatroom.deleted', chatroom_id: id })),
  );
  await expect.poll(() => all.length).toBe(3);
  vi.advanceTimersByTime(pingMs);
  vi.advanceTimersByTime(pingMs);
  expect(seen).toEqual([all[0], all[2], null]);
});
