/** How a user's feed lies in Redis: a capped stream, and a channel of the same name for what is added to it. */
import type { Redis } from 'ioredis';
import type { FeedEntry } from '../ports/feed.ts';
import { heldEntries, idleExpiryMs } from './feed-entry.ts';
import { defineScript } from './redis.ts';

// Neither appears in JSON text, where control characters are escaped.
const betweenFields = '\x1f';
const betweenEntries = '\x1e';

/** Type of the entry that gives an empty stream a position; never delivered. */
const markerType = 'marker';
const pageSize = 500;
/** A position no stream has. */
export const nowhere = '0-0';

/** KEYS: stream. ARGV: its length, its expiry in ms, then type, room and data of each event. One script, so that the
 * channel tells entries in the order of the stream. */
const appendLua = `
local told = {}
for i = 3, #ARGV, 3 do
  local id = redis.call('XADD', KEYS[1], 'MAXLEN', '~', ARGV[1], '*',
    'type', ARGV[i], 'room', ARGV[i + 1], 'data', ARGV[i + 2])
  told[#told + 1] = table.concat({ id, ARGV[i], ARGV[i + 1], ARGV[i + 2] }, '\\31')
end
redis.call('PEXPIRE', KEYS[1], ARGV[2])
redis.call('PUBLISH', KEYS[1], table.concat(told, '\\30'))`;

/** KEYS: stream. ARGV: its expiry in ms. Gives the newest id, of a marker when the stream is empty. */
const newestLua = `
local newest = redis.call('XREVRANGE', KEYS[1], '+', '-', 'COUNT', 1)
if newest[1] then return newest[1][1] end
local id = redis.call('XADD', KEYS[1], '*', 'type', '${markerType}', 'room', '', 'data', '')
redis.call('PEXPIRE', KEYS[1], ARGV[1])
return id`;

export interface RedisStreams {
  /** Stream and channel of a user. */
  key(userId: number): string;
  /** Adds events, each as type, room and data, and tells the channel. */
  append(key: string, fields: readonly string[]): Promise<unknown>;
  /** The position of the newest entry. */
  newest(key: string): Promise<string>;
  /** Every entry after a position, or null when that position is not held. */
  after(key: string, position: string): Promise<FeedEntry[] | null>;
  /** The newest entries, oldest first. */
  recent(key: string, limit: number): Promise<FeedEntry[]>;
}

export function redisStreams(client: Redis, prefix: string): RedisStreams {
  const append = defineScript(client, 'polluxAppendFeed', appendLua, 1);
  const newest = defineScript(client, 'polluxNewestOfFeed', newestLua, 1);
  return {
    key: (userId) => `${prefix}:feed:{${userId}}`,
    append: (key, fields) => append(key, heldEntries, idleExpiryMs, ...fields),
    newest: async (key) => String(await newest(key, idleExpiryMs)),
    async after(key, position) {
      if (!/^\d{1,15}-\d{1,15}$/.test(position)) return null;
      const entries: FeedEntry[] = [];
      for (let from = position; ;) {
        // Each page begins with the entry the last one ended with: if that is gone, so may be others.
        const page = await client.xrange(key, from, '+', 'COUNT', pageSize + 1);
        if (page[0]?.[0] !== from) return null;
        entries.push(...deliverable(page.slice(1)));
        if (page.length <= pageSize) return entries;
        from = page[pageSize]![0];
      }
    },
    async recent(key, limit) {
      // One more for the marker.
      const page = limit > 0 ? await client.xrevrange(key, '+', '-', 'COUNT', limit + 1) : [];
      return deliverable(page).slice(0, limit).toReversed();
    },
  };
}

/** The entries of one message of the channel. */
export function parseMessage(message: string): FeedEntry[] {
  return message.split(betweenEntries).map((told) => {
    const [id, type, room, data] = told.split(betweenFields);
    return entryOf(id!, type!, room!, data!);
  });
}

/** True when stream id `a` comes after `b`: numbers without leading zeros, so the longer one is larger. */
export function isLater(a: string, b: string): boolean {
  const [aDash, bDash] = [a.indexOf('-'), b.indexOf('-')];
  if (aDash !== bDash) return aDash > bDash;
  if (a.length === b.length) return a > b;
  const [aMs, bMs] = [a.slice(0, aDash), b.slice(0, bDash)];
  return aMs === bMs ? a.length > b.length : aMs > bMs;
}

function deliverable(page: readonly [id: string, fields: string[]][]): FeedEntry[] {
  return page
    .filter(([, fields]) => fields[1] !== markerType)
    .map(([id, fields]) => entryOf(id, fields[1]!, fields[3]!, fields[5]!));
}

function entryOf(id: string, type: string, room: string, data: string): FeedEntry {
  return { id, type: type as FeedEntry['type'], chatroomId: room === '' ? null : Number(room), data };
}
