/** A user's feed in Redis: a stream bounded in bytes, and a channel of the same name for new entries. */
import type { Redis } from 'ioredis';
import type { FeedEntry } from '../../ports/feed.ts';
import {
  entryOverheadBytes,
  goneRoomsAtMost,
  heldBytes,
  idleExpiryMs,
  pageBytes,
  trimStepBytes,
  type FeedItem,
} from './entry.ts';
import { defineScript } from '../redis/connection.ts';

// Neither appears in JSON text, where control characters are escaped.
const betweenFields = '\x1f';
const betweenEntries = '\x1e';

/** A position that no stream has. */
export const nowhere = '0-0';

/** The newest position a stream ever had, even if it is empty now; nil if there is no stream. */
const lastIdLua = `
local function lastId()
  if redis.call('EXISTS', KEYS[1]) == 0 then return nil end
  local facts = redis.call('XINFO', 'STREAM', KEYS[1])
  for i = 1, #facts, 2 do
    if facts[i] == 'last-generated-id' then return facts[i + 1] end
  end
end`;

/**
 * `isLate(type, room)`: the room was deleted by an earlier event, and this one is dropped. KEYS[2] holds deleted rooms by the time
 * of their deletion.
 */
const isLateLua = `
local function isLate(type, room)
  if room == '' then return false end
  if redis.call('ZSCORE', KEYS[2], room) then return true end
  if type == 'chatroom.deleted' then
    local time = redis.call('TIME')
    redis.call('ZADD', KEYS[2], time[1] * 1000 + math.floor(time[2] / 1000), room)
    redis.call('ZREMRANGEBYRANK', KEYS[2], 0, -${goneRoomsAtMost + 1})
    redis.call('PEXPIRE', KEYS[2], ARGV[1])
  end
  return false
end`;

/**
 * KEYS: stream, deleted rooms. ARGV: expiry in ms, bytes to keep, then type, room and data of each event. One script, so that the
 * channel publishes in the order of the stream. Each entry holds the total bytes ever written up to it, so that the oldest to
 * keep is found without a separate counter. The first entry of an empty stream names the position before it, which readers may
 * hold. `~` because Redis frees memory by whole nodes.
 */
const appendLua = `${lastIdLua}${isLateLua}
local newest = redis.call('XREVRANGE', KEYS[1], '+', '-', 'COUNT', 1)[1]
local before = newest and tonumber(newest[2][8]) or 0
local written, told = before, {}
local follows = not newest and lastId()
local function add(type, room, data)
  if isLate(type, room) then return end
  written = written + #data + ${entryOverheadBytes}
  local entry = { 'type', type, 'room', room, 'data', data, 'written', string.format('%.0f', written) }
  if follows then entry[9], entry[10], follows = 'follows', follows, nil end
  local id = redis.call('XADD', KEYS[1], '*', unpack(entry))
  told[#told + 1] = table.concat({ id, type, room, data }, '\\31')
end
for i = 3, #ARGV, 3 do add(ARGV[i], ARGV[i + 1], ARGV[i + 2]) end
if #told == 0 then return end
local function oldestToKeep()
  local from = '-'
  while true do
    local some = redis.call('XRANGE', KEYS[1], from, '+', 'COUNT', 10)
    for _, entry in ipairs(some) do
      from = '(' .. entry[1]
      if (tonumber(entry[2][8]) or 0) > written - tonumber(ARGV[2]) then return entry[1] end
    end
  end
end
if math.floor(written / ${trimStepBytes}) > math.floor(before / ${trimStepBytes}) then
  redis.call('XTRIM', KEYS[1], 'MINID', '~', oldestToKeep())
end
redis.call('PEXPIRE', KEYS[1], ARGV[1])
redis.call('PUBLISH', KEYS[1], table.concat(told, '\\30'))`;

/**
 * The same for a full Redis: publishes to the channel and empties the stream. Adding and trimming in one command keeps
 * positions ascending; readers that resume later get a reset.
 */
const publishOnlyLua = `#!lua flags=allow-oom
${isLateLua}
local told = {}
for i = 2, #ARGV, 3 do
  if not isLate(ARGV[i], ARGV[i + 1]) then
    local id = redis.call('XADD', KEYS[1], 'MAXLEN', 0, '*', 'told', '')
    told[#told + 1] = table.concat({ id, ARGV[i], ARGV[i + 1], ARGV[i + 2] }, '\\31')
  end
end
if #told == 0 then return end
redis.call('PEXPIRE', KEYS[1], ARGV[1])
redis.call('PUBLISH', KEYS[1], table.concat(told, '\\30'))`;

/** KEYS: stream. ARGV: its expiry in ms. Returns the newest position; creates a missing stream, empty but with a position. */
const newestLua = `#!lua flags=allow-oom
${lastIdLua}
local id = lastId()
if id then return id end
id = redis.call('XADD', KEYS[1], 'MAXLEN', 0, '*', 'told', '')
redis.call('PEXPIRE', KEYS[1], ARGV[1])
return id`;

/**
 * KEYS: stream. ARGV: position, bytes. Returns whether more follow, and the entries after the position, at least one if there
 * is any; nil if entries after the position may have been trimmed.
 */
const pageLua = `#!lua flags=no-writes
${lastIdLua}
local function isHeld(position)
  if redis.call('XRANGE', KEYS[1], position, position)[1] or lastId() == position then return true end
  local oldest = redis.call('XRANGE', KEYS[1], '-', '+', 'COUNT', 1)[1]
  return oldest and oldest[2][10] == position
end
if not isHeld(ARGV[1]) then return nil end
local page, bytes, from = {}, 0, '(' .. ARGV[1]
while true do
  local some = redis.call('XRANGE', KEYS[1], from, '+', 'COUNT', 10)
  for _, entry in ipairs(some) do
    bytes = bytes + #entry[2][6]
    if bytes > tonumber(ARGV[2]) and #page > 0 then return { 1, page } end
    page[#page + 1] = entry
    from = '(' .. entry[1]
  end
  if #some < 10 then return { 0, page } end
end`;

/** Entries after a position. */
export interface FeedPage {
  readonly entries: readonly FeedEntry[];
  /** False if these reach the end of the stream. */
  readonly more: boolean;
}

export interface RedisStreams {
  /** Stream and channel of a user. */
  key(userId: number): string;
  /** Adds events, trims the oldest, and publishes to the channel. */
  append(key: string, items: readonly FeedItem[]): Promise<unknown>;
  /** Publishes to the channel and empties the stream; works while Redis is full. */
  publishOnly(key: string, items: readonly FeedItem[]): Promise<unknown>;
  /** The position of the newest entry. */
  newest(key: string): Promise<string>;
  /** A page of entries after a position; null if that position is not held. */
  after(key: string, position: string): Promise<FeedPage | null>;
  /** Deletes the stream. */
  forget(key: string): Promise<void>;
  /** The newest entries, oldest first. */
  recent(key: string, limit: number): Promise<FeedEntry[]>;
}

export function redisStreams(client: Redis, prefix: string): RedisStreams {
  const append = defineScript(client, 'polluxAppendFeed', appendLua, 2);
  const publishOnly = defineScript(client, 'polluxPublishFeed', publishOnlyLua, 2);
  const newest = defineScript(client, 'polluxNewestOfFeed', newestLua, 1);
  const page = defineScript(client, 'polluxPageOfFeed', pageLua, 1);
  return {
    key: (userId) => `${prefix}:feed:{${userId}}`,
    append: (key, items) => append(key, goneKey(key), idleExpiryMs, heldBytes - trimStepBytes, ...fieldsOf(items)),
    publishOnly: (key, items) => publishOnly(key, goneKey(key), idleExpiryMs, ...fieldsOf(items)),
    newest: async (key) => String(await newest(key, idleExpiryMs)),
    async after(key, position) {
      if (!/^\d{1,15}-\d{1,15}$/.test(position)) return null;
      const found = (await page(key, position, pageBytes)) as [more: number, StreamEntry[]] | null;
      return found && { more: found[0] === 1, entries: found[1].map(entryOf) };
    },
    async forget(key) {
      await client.del(key, goneKey(key));
    },
    async recent(key, limit) {
      const found = limit > 0 ? await client.xrevrange(key, '+', '-', 'COUNT', limit) : [];
      return found.map(entryOf).toReversed();
    },
  };
}

const goneKey = (key: string) => `${key}:gone`;

/** The entries in one message of the channel. */
export function parseMessage(message: string): FeedEntry[] {
  return message.split(betweenEntries).map((told) => {
    const [id, type, room, data] = told.split(betweenFields);
    return entryFrom(id!, type!, room!, data!);
  });
}

/** True if stream id `a` comes after `b`: numbers without leading zeros, so the longer one is larger. */
export function isLater(a: string, b: string): boolean {
  const [aDash, bDash] = [a.indexOf('-'), b.indexOf('-')];
  if (aDash !== bDash) return aDash > bDash;
  if (a.length === b.length) return a > b;
  const [aMs, bMs] = [a.slice(0, aDash), b.slice(0, bDash)];
  return aMs === bMs ? a.length > b.length : aMs > bMs;
}

type StreamEntry = [id: string, fields: string[]];

function fieldsOf(items: readonly FeedItem[]): string[] {
  return items.flatMap(({ type, chatroomId, data }) => [type, String(chatroomId ?? ''), data]);
}

function entryOf([id, fields]: StreamEntry): FeedEntry {
  return entryFrom(id, fields[1]!, fields[3]!, fields[5]!);
}

function entryFrom(id: string, type: string, room: string, data: string): FeedEntry {
  return { id, type: type as FeedEntry['type'], chatroomId: room === '' ? null : Number(room), data };
}
