/** Reads the Redis feed: one subscribed connection per process, and a backfill from the stream page by page. */
import type { Redis } from 'ioredis';
import type { FeedEntry, FeedListener, FeedSubscription } from '../../ports/feed.ts';
import { resetEntry } from './entry.ts';
import { isLater, nowhere, parseMessage, type FeedPage, type RedisStreams } from './redis-stream.ts';

const catchUpsAtOnce = 200;
/** Pages are held in memory until they are delivered. */
const pagesAtOnce = 16;
/** Live entries buffered for a follower; if there are more, it reads them from the stream. */
const mostSetAsideBytes = 256 * 1024;
const retryMs = 500;

/** Live entries for a follower that is not caught up. */
interface SetAside {
  entries: FeedEntry[];
  characters: number;
  /** The limit was exceeded, and all were dropped. */
  overflowed: boolean;
}

interface Follower {
  readonly audience: Audience;
  readonly listener: FeedListener;
  /** The last entry delivered; null before the first read of the stream if the listener requested new entries only. */
  cursor: string | null;
  /** Null once caught up. */
  aside: SetAside | null;
  /** Incremented whenever the current backfill becomes void. */
  turn: number;
}

/** The followers of one user in this process. */
interface Audience {
  readonly key: string;
  readonly followers: Set<Follower>;
  /** Settles when the channel is subscribed on the current connection; null if it is not. */
  joined: Promise<unknown> | null;
}

/** A page and the position before it. */
interface Step extends FeedPage {
  readonly after: string;
}

export interface Reader extends AsyncDisposable {
  subscribe(userId: number, after: string | null, listener: FeedListener): Promise<FeedSubscription>;
}

/**
 * Follows feeds. Each follower subscribes to the channel, then reads the stream from its cursor (backfill), then delivers what
 * the channel published meanwhile (cutover): nothing is missed, and ids reveal duplicates. After a lost connection or a failed
 * read the follower starts over from its cursor.
 */
export function redisReader(commands: Redis, live: Redis, streams: RedisStreams): Reader {
  const audiences = new Map<string, Audience>();
  const behind = new Set<Follower>();
  const inTurn = atMost(pagesAtOnce);
  let healing = false;
  let retry: NodeJS.Timeout | undefined;

  live.on('message', hear);
  live.on('close', startOver);
  live.on('ready', healNow);
  commands.on('ready', healNow);

  function hear(channel: string, message: string): void {
    const audience = audiences.get(channel);
    if (!audience) return;
    for (const entry of parseMessage(message)) {
      for (const follower of audience.followers) {
        if (follower.aside) setAside(follower.aside, entry);
        else void deliver(follower, entry);
      }
    }
  }

  function deliver(follower: Follower, entry: FeedEntry): Promise<void> | void {
    // The listener may have unsubscribed at an earlier entry.
    if (!follower.audience.followers.has(follower)) return;
    if (!isLater(entry.id, follower.cursor ?? nowhere)) return;
    follower.cursor = entry.id;
    return follower.listener(entry);
  }

  function fallBehind(follower: Follower): void {
    follower.turn += 1;
    follower.aside = nothingAside();
    behind.add(follower);
    retry ??= setTimeout(healNow, retryMs).unref();
  }

  function startOver(): void {
    for (const audience of audiences.values()) {
      audience.joined = null;
      for (const follower of audience.followers) fallBehind(follower);
    }
  }

  function healNow(): void {
    clearTimeout(retry);
    retry = undefined;
    void heal();
  }

  async function heal(): Promise<void> {
    // Runs again on reconnection.
    if (healing || live.status !== 'ready' || commands.status !== 'ready') return;
    healing = true;
    const batch = [...behind].slice(0, catchUpsAtOnce);
    const begun = await Promise.all(batch.map(catchUp));
    healing = false;
    if (behind.size === 0) return;
    if (begun.every(Boolean)) void heal();
    else retry ??= setTimeout(healNow, retryMs).unref();
  }

  async function join(audience: Audience): Promise<void> {
    audience.joined ??= live.subscribe(audience.key);
    const { joined } = audience;
    try {
      await joined;
    } catch (error) {
      if (audience.joined === joined) audience.joined = null;
      throw error;
    }
  }

  /** Reads the first page, which is delivered after this resolves; false if Redis is unavailable. */
  async function catchUp(follower: Follower): Promise<boolean> {
    behind.delete(follower);
    follower.turn += 1;
    follower.aside = nothingAside();
    const { turn, audience } = follower;
    const isVoid = () => follower.turn !== turn || !audience.followers.has(follower);
    try {
      await join(audience);
      const step = await nextStep(follower);
      if (isVoid()) return false;
      follower.cursor = step.after;
      setImmediate(() => void backfill(follower, step, isVoid));
      return true;
    } catch {
      if (!isVoid()) fallBehind(follower);
      return false;
    }
  }

  async function nextStep({ audience: { key }, cursor }: Follower): Promise<Step> {
    if (cursor === null) return { after: await streams.newest(key), entries: [], more: false };
    const page = await inTurn(() => streams.after(key, cursor));
    if (page) return { ...page, after: cursor };
    return { after: nowhere, entries: [resetEntry(await streams.newest(key), 'position')], more: false };
  }

  /** Delivers pages at the listener's pace, then cuts over to the buffered and the live entries. */
  async function backfill(follower: Follower, first: Step, isVoid: () => boolean): Promise<void> {
    try {
      for (let step = first; ; step = await nextStep(follower)) {
        if (isVoid()) return;
        follower.cursor = step.after;
        const slow = step.entries.map((entry) => deliver(follower, entry)).findLast(Boolean);
        if (isVoid()) return;
        if (!step.more && !follower.aside!.overflowed) return cutOver(follower);
        await slow;
        if (isVoid()) return;
        follower.aside = nothingAside();
      }
    } catch {
      if (!isVoid()) fallBehind(follower);
    }
  }

  function cutOver(follower: Follower): void {
    const { entries } = follower.aside!;
    follower.aside = null;
    for (const entry of entries) void deliver(follower, entry);
  }

  function leave(follower: Follower): void {
    const { audience } = follower;
    audience.followers.delete(follower);
    behind.delete(follower);
    if (audience.followers.size > 0 || audiences.get(audience.key) !== audience) return;
    audiences.delete(audience.key);
    live.unsubscribe(audience.key).catch(() => undefined);
  }

  return {
    async subscribe(userId, after, listener) {
      const key = streams.key(userId);
      const audience = audiences.get(key) ?? { key, followers: new Set(), joined: null };
      audiences.set(key, audience);
      const follower: Follower = { audience, listener, cursor: after, aside: nothingAside(), turn: 0 };
      audience.followers.add(follower);
      await catchUp(follower);
      if (follower.cursor === null) {
        // Redis is unavailable: begin at a position that no stream has, so that the first read returns a reset.
        follower.cursor = nowhere;
        fallBehind(follower);
      }
      return {
        position: after ?? follower.cursor,
        async [Symbol.asyncDispose]() {
          leave(follower);
        },
      };
    },
    async [Symbol.asyncDispose]() {
      clearTimeout(retry);
      live.off('close', startOver);
      live.off('ready', healNow);
      commands.off('ready', healNow);
      audiences.clear();
      behind.clear();
    },
  };
}

function nothingAside(): SetAside {
  return { entries: [], characters: 0, overflowed: false };
}

function setAside(aside: SetAside, entry: FeedEntry): void {
  if (aside.overflowed) return;
  aside.entries.push(entry);
  aside.characters += entry.data.length;
  if (aside.characters <= mostSetAsideBytes) return;
  aside.entries = [];
  aside.overflowed = true;
}

/** Runs at most `limit` pieces of work at a time, in order of the calls. */
function atMost(limit: number) {
  const waiting: (() => void)[] = [];
  let running = 0;
  return async <T>(work: () => Promise<T>): Promise<T> => {
    if (running < limit) running += 1;
    else await new Promise<void>((resolve) => waiting.push(resolve));
    try {
      return await work();
    } finally {
      const next = waiting.shift();
      if (next) next();
      else running -= 1;
    }
  };
}
