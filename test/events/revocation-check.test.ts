/** A feed whose session cannot be checked after opening is closed and removed. */
import { pino } from 'pino';
import { expect, it } from 'vitest';
import { memoryFeed } from '../../server/adapters/feed/memory.ts';
import { openPglite } from '../../server/adapters/database/pglite.ts';
import { watchSessions } from '../../server/accounts/live-sessions.ts';
import { liveConnections } from '../../server/events/connections.ts';
import { embeddedPlace } from '../harness.ts';

const caller = { userId: 1, sessionId: '00000000-0000-4000-8000-000000000001', expiresAtMs: Infinity };

it('is closed and removed when the database is away at that moment', { timeout: 30_000 }, async () => {
  await using place = await embeddedPlace();
  const db = await openPglite(place.environment.DATA_DIR!);
  await using feed = memoryFeed();
  await using sessions = await watchSessions(db, pino({ level: 'silent' }));
  await using connections = liveConnections(feed, sessions);
  await db[Symbol.asyncDispose]();
  // The earlier check is trusted for a moment.
  const check = async () => sessions.isLive(caller);
  await expect.poll(() => check().catch(() => 'unknown'), { timeout: 5000 }).toBe('unknown');

  const seen: string[] = [];
  const transport = {
    open: () => void seen.push('open'),
    send: () => void seen.push('event'),
    ping: () => void seen.push('ping'),
    close: () => void seen.push('close'),
  };
  const attached = connections.attach({ caller, after: null, roomId: null, language: 'en' }, transport);
  await attached.catch(() => null);
  feed.publish(caller.userId, [{ type: 'chatroom.deleted', chatroom_id: 1 }]);
  expect(connections.size).toBe(0);
  await expect(attached).resolves.toBeTypeOf('function');
  expect(seen).toEqual(['open', 'close']);
});
