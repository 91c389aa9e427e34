/** The live feed inside this process. */
import { randomBytes } from 'node:crypto';
import type { Feed, FeedEntry } from '../ports/feed.ts';
import { heldEntries, idleExpiryMs, resetEntry, roomOf } from './feed-entry.ts';

const sweepIntervalMs = 60_000;
/** Trimming moves the whole array, so it happens once for many entries. */
const trimSlack = 512;
const maxHeldCharacters = 64 * 1024 * 1024;

interface Stored {
  readonly seq: number;
  /** Null for the marker that gives an empty feed a position. */
  readonly entry: FeedEntry | null;
}

interface Follower {
  /** Sequence number last delivered, or -1 for a position that is not ours. */
  cursor: number;
  readonly listener: (entry: FeedEntry) => void;
}

interface UserLog {
  readonly stored: Stored[];
  readonly followers: Set<Follower>;
  characters: number;
  touchedMs: number;
}

/** Keeps entries in memory. Positions from before a restart are recognised, and answered with a reset. */
export function memoryFeed(): Feed {
  const boot = randomBytes(6).toString('hex');
  /** Least recently written first. */
  const logs = new Map<number, UserLog>();
  const waiting = new Set<UserLog>();
  let lastSeq = 0;
  let characters = 0;
  let sweptMs = performance.now();

  const idOf = (seq: number) => `${boot}-${seq}`;

  function seqOf(id: string): number {
    const seq = Number(id.slice(boot.length + 1));
    return Number.isSafeInteger(seq) && idOf(seq) === id ? seq : -1;
  }

  function touch(userId: number): UserLog {
    const log = logs.get(userId) ?? { stored: [], followers: new Set(), characters: 0, touchedMs: 0 };
    log.touchedMs = performance.now();
    logs.delete(userId);
    logs.set(userId, log);
    return log;
  }

  function append(log: UserLog, make: ((id: string) => FeedEntry) | null): void {
    lastSeq += 1;
    const entry = make ? make(idOf(lastSeq)) : null;
    log.stored.push({ seq: lastSeq, entry });
    resize(log, entry?.data.length ?? 0);
  }

  function resize(log: UserLog, by: number): void {
    log.characters += by;
    characters += by;
  }

  function trimLong(log: UserLog): void {
    if (log.stored.length > heldEntries + trimSlack) trim(log, heldEntries);
  }

  function trim(log: UserLog, keep: number): void {
    for (const { entry } of log.stored.splice(0, log.stored.length - keep)) resize(log, -(entry?.data.length ?? 0));
  }

  function sweep(): void {
    const nowMs = performance.now();
    if (characters <= maxHeldCharacters && nowMs - sweptMs < sweepIntervalMs) return;
    sweptMs = nowMs;
    for (const [userId, log] of logs) {
      if (characters <= maxHeldCharacters && nowMs - log.touchedMs < idleExpiryMs) return;
      if (waiting.has(log)) continue;
      // The newest entry of a log that is listened to stays: it is the listeners' position.
      trim(log, log.followers.size > 0 ? 1 : 0);
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

  function deliver(log: UserLog, follower: Follower): void {
    const at = indexOf(log, follower.cursor);
    const newest = log.stored.at(-1)!.seq;
    const news = at < 0 ? [resetEntry(idOf(newest), 'position')] : log.stored.slice(at + 1).map(({ entry }) => entry);
    follower.cursor = newest;
    for (const entry of news) if (entry && log.followers.has(follower)) follower.listener(entry);
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
      trimLong(log);
    }
  }

  return {
    publish(userId, events) {
      if (events.length === 0) return;
      const log = touch(userId);
      for (const event of events) {
        const data = JSON.stringify(event);
        append(log, (id) => ({ id, type: event.type, chatroomId: roomOf(event), data }));
      }
      if (log.followers.size > 0) deliverSoon(log);
      else trimLong(log);
      sweep();
    },
    async subscribe(userId, after, listener) {
      const log = logs.get(userId) ?? touch(userId);
      if (log.stored.length === 0) append(log, null);
      const newest = log.stored.at(-1)!.seq;
      const follower: Follower = { cursor: after === null ? newest : seqOf(after), listener };
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
    async check() {},
    async [Symbol.asyncDispose]() {
      logs.clear();
      waiting.clear();
    },
  };
}
