/** The live feed in this process. */
import { randomBytes } from 'node:crypto';
import type { Feed, FeedEntry, FeedListener } from '../../ports/feed.ts';
import { feedItem, goneRoomsAtMost, heldBytes, idleExpiryMs, pageBytes, resetEntry, trimStepBytes } from './entry.ts';

const sweepIntervalMs = 60_000;
/** Of all users. */
const mostHeldBytes = 64 * 1024 * 1024;

interface Stored {
  readonly seq: number;
  /** Null for the marker that is the position of an empty feed. */
  readonly entry: FeedEntry | null;
  readonly bytes: number;
}

interface Follower {
  /** Sequence number last delivered; -1 for a position of another process. */
  cursor: number;
  /** Caught up: entries are delivered as they are published. */
  live: boolean;
  /** Its listener has not consumed the last page yet. */
  waits: boolean;
  readonly listener: FeedListener;
}

interface UserLog {
  readonly stored: Stored[];
  readonly followers: Set<Follower>;
  /** Deleted rooms, in the order of their deletion. */
  readonly gone: Set<number>;
  bytes: number;
  touchedMs: number;
}

/** Keeps entries in memory. A position from before a restart gets a reset. */
export function memoryFeed(): Feed {
  const boot = randomBytes(6).toString('hex');
  /** Least recently written first. */
  const logs = new Map<number, UserLog>();
  const waiting = new Set<UserLog>();
  let lastSeq = 0;
  let bytes = 0;
  let sweptMs = performance.now();

  const idOf = (seq: number) => `${boot}-${seq}`;

  function seqOf(id: string): number {
    const seq = Number(id.slice(boot.length + 1));
    return Number.isSafeInteger(seq) && idOf(seq) === id ? seq : -1;
  }

  function touch(userId: number): UserLog {
    const log = logs.get(userId) ?? { stored: [], followers: new Set(), gone: new Set(), bytes: 0, touchedMs: 0 };
    log.touchedMs = performance.now();
    logs.delete(userId);
    logs.set(userId, log);
    return log;
  }

  function append(log: UserLog, size: number, make: ((id: string) => FeedEntry) | null): void {
    lastSeq += 1;
    log.stored.push({ seq: lastSeq, entry: make && make(idOf(lastSeq)), bytes: size });
    resize(log, size);
  }

  function resize(log: UserLog, by: number): void {
    log.bytes += by;
    bytes += by;
  }

  function trimLarge(log: UserLog): void {
    if (log.bytes > heldBytes) trim(log, heldBytes - trimStepBytes);
  }

  /** Drops the oldest entries until `keepBytes` are left. */
  function trim(log: UserLog, keepBytes: number): void {
    let count = 0;
    for (let left = log.bytes; left > keepBytes; count += 1) left -= log.stored[count]!.bytes;
    for (const dropped of log.stored.splice(0, count)) resize(log, -dropped.bytes);
  }

  function sweep(): void {
    const nowMs = performance.now();
    if (bytes <= mostHeldBytes && nowMs - sweptMs < sweepIntervalMs) return;
    sweptMs = nowMs;
    for (const [userId, log] of logs) {
      if (bytes <= mostHeldBytes && nowMs - log.touchedMs < idleExpiryMs) return;
      if (waiting.has(log)) continue;
      // A log with listeners keeps its newest entry, which is their position.
      trim(log, log.followers.size > 0 ? log.stored.at(-1)!.bytes : 0);
      if (log.followers.size === 0) logs.delete(userId);
    }
  }

  function indexOf({ stored }: UserLog, seq: number): number {
    let low = 0;
    let high = stored.length - 1;
    while (low <= high) {
      const middle = (low + high) >> 1;
      const found = stored[middle]!.seq;
      if (found === seq) return middle;
      if (found < seq) low = middle + 1;
      else high = middle - 1;
    }
    return -1;
  }

  /** Delivers new entries; to a follower that is not caught up one page, and the next when its listener has consumed it. */
  function deliver(log: UserLog, follower: Follower): void {
    if (follower.waits) return;
    const newest = log.stored.at(-1)!.seq;
    const at = indexOf(log, follower.cursor);
    if (at < 0) follower.cursor = newest;
    if (at < 0) return void follower.listener(resetEntry(idOf(newest), 'position'));
    const news = log.stored.slice(at + 1);
    let slow: Promise<void> | void = undefined;
    let size = 0;
    for (const { seq, entry, bytes: entryBytes } of news) {
      if (!log.followers.has(follower)) return;
      follower.cursor = seq;
      slow = (entry && follower.listener(entry)) ?? slow;
      size += entryBytes;
      if (!follower.live && size >= pageBytes && seq !== newest) return void nextPage(log, follower, slow);
    }
    follower.live = true;
  }

  async function nextPage(log: UserLog, follower: Follower, slow: Promise<void> | void): Promise<void> {
    follower.waits = true;
    await slow;
    follower.waits = false;
    if (log.followers.has(follower)) deliverSoon(log);
  }

  function deliverSoon(log: UserLog): void {
    if (waiting.size === 0) setImmediate(deliverAll);
    waiting.add(log);
  }

  function deliverAll(): void {
    const batch = [...waiting];
    waiting.clear();
    for (const log of batch) {
      for (const follower of log.followers) deliver(log, follower);
      trimLarge(log);
    }
  }

  return {
    publish(userId, events) {
      if (events.length === 0) return;
      const log = touch(userId);
      for (const event of events) {
        if ('chatroom_id' in event && log.gone.has(event.chatroom_id)) continue;
        if (event.type === 'chatroom.deleted') noteGone(log, event.chatroom_id);
        const { bytes: size, ...item } = feedItem(event);
        append(log, size, (id) => ({ id, ...item }));
      }
      if (log.followers.size > 0) deliverSoon(log);
      else trimLarge(log);
      sweep();
    },
    async subscribe(userId, after, listener) {
      const log = logs.get(userId) ?? touch(userId);
      if (log.stored.length === 0) append(log, 0, null);
      const newest = log.stored.at(-1)!.seq;
      const cursor = after === null ? newest : seqOf(after);
      const follower: Follower = { cursor, live: after === null, waits: false, listener };
      log.followers.add(follower);
      deliverSoon(log);
      return {
        position: after ?? idOf(newest),
        async [Symbol.asyncDispose]() {
          log.followers.delete(follower);
        },
      };
    },
    async recent(userId, limit) {
      const entries = (logs.get(userId)?.stored ?? []).map(({ entry }) => entry).filter((entry) => entry !== null);
      return limit > 0 ? entries.slice(-limit) : [];
    },
    async forget(userId) {
      const log = logs.get(userId);
      if (log === undefined) return;
      trim(log, 0);
      log.gone.clear();
      append(log, 0, null);
      if (log.followers.size > 0) deliverSoon(log);
      else logs.delete(userId);
    },
    async memory() {
      return { usedBytes: bytes, limitBytes: mostHeldBytes };
    },
    async check() {},
    async [Symbol.asyncDispose]() {
      logs.clear();
      waiting.clear();
    },
  };
}

function noteGone({ gone }: UserLog, roomId: number): void {
  gone.add(roomId);
  if (gone.size > goneRoomsAtMost) gone.delete(gone.values().next().value!);
}
