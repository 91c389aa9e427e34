/** The reading half of the Redis feed: one subscribed connection a process, caught up with the stream. */
import type { Redis } from 'ioredis';
import type { FeedEntry, FeedSubscription } from '../ports/feed.ts';
import { heldEntries, resetEntry } from './feed-entry.ts';
import { isLater, nowhere, parseMessage, type RedisStreams } from './feed-redis-stream.ts';

const catchUpsAtOnce = 200;
const retryMs = 500;

type Listener = (entry: FeedEntry) => void;

interface Follower {
  readonly audience: Audience;
  readonly listener: Listener;
  /** The last entry delivered; null before the first look at the stream, when the listener asked for news only. */
  cursor: string | null;
  /** Live entries set aside until the follower is caught up; null once it is. */
  held: FeedEntry[] | null;
  /** Grows whenever a catch-up under way becomes void. */
  turn: number;
}

/** The followers of one user in this process. */
interface Audience {
  readonly key: string;
  readonly followers: Set<Follower>;
  /** Settles when the channel is subscribed on the connection of now; null when it is not. */
  joined: Promise<unknown> | null;
}

export interface Reader extends AsyncDisposable {
  subscribe(userId: number, after: string | null, listener: Listener): Promise<FeedSubscription>;
}

/**
 * Follows feeds. Each follower joins the channel first, then reads the stream from its cursor, then takes what the
 * channel told meanwhile: so nothing falls between, and ids tell what came twice. A lost connection or a failed read
 * starts the follower over from its cursor.
 */
export function redisReader(commands: Redis, live: Redis, streams: RedisStreams): Reader {
  const audiences = new Map<string, Audience>();
  const behind = new Set<Follower>();
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
        if (follower.held) setAside(follower, entry);
        else deliver(follower, entry);
      }
    }
  }

  function setAside(follower: Follower, entry: FeedEntry): void {
    if (follower.held!.push(entry) > heldEntries) fallBehind(follower);
  }

  function deliver(follower: Follower, entry: FeedEntry): void {
    if (!isLater(entry.id, follower.cursor ?? nowhere)) return;
    follower.cursor = entry.id;
    follower.listener(entry);
  }

  function fallBehind(follower: Follower): void {
    follower.turn += 1;
    follower.held = [];
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
    // While away, coming back starts this again.
    if (healing || live.status !== 'ready' || commands.status !== 'ready') return;
    healing = true;
    const batch = [...behind].slice(0, catchUpsAtOnce);
    const caughtUp = await Promise.all(batch.map(catchUp));
    healing = false;
    if (behind.size === 0) return;
    if (caughtUp.every(Boolean)) void heal();
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

  /** Brings a follower up to date a moment after this resolves; false when Redis did not let it. */
  async function catchUp(follower: Follower): Promise<boolean> {
    behind.delete(follower);
    follower.turn += 1;
    follower.held = [];
    const { turn, audience } = follower;
    const isVoid = () => follower.turn !== turn || !audience.followers.has(follower);
    try {
      await join(audience);
      const news = await read(audience.key, follower.cursor);
      if (isVoid()) return false;
      follower.cursor = news.after;
      setImmediate(() => {
        if (!isVoid()) release(follower, news.entries);
      });
      return true;
    } catch {
      if (!isVoid()) fallBehind(follower);
      return false;
    }
  }

  /** What a follower at `cursor` has to be given, and the position that goes before it. */
  async function read(key: string, cursor: string | null): Promise<{ after: string; entries: FeedEntry[] }> {
    if (cursor === null) return { after: await streams.newest(key), entries: [] };
    const entries = await streams.after(key, cursor);
    if (entries) return { after: cursor, entries };
    return { after: nowhere, entries: [resetEntry(await streams.newest(key), 'position')] };
  }

  function release(follower: Follower, news: readonly FeedEntry[]): void {
    const held = follower.held ?? [];
    follower.held = null;
    for (const entry of [...news, ...held]) {
      // What one entry did may have ended the subscription.
      if (follower.audience.followers.has(follower)) deliver(follower, entry);
    }
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
      const follower: Follower = { audience, listener, cursor: after, held: [], turn: 0 };
      audience.followers.add(follower);
      await catchUp(follower);
      if (follower.cursor === null) {
        // Redis is away: begin where no feed does, so that the first look at the stream gives a reset.
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
