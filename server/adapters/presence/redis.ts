/**
 * Presence over Redis: a process subscribes to a channel for each account that somebody looks at, and Redis counts subscribers.
 * Nothing is stored, so that nothing is left of a process that dies.
 */
import type { Logger } from 'pino';
import type { Presence } from '../../ports/presence.ts';
import { connectRedis, type RedisLink, type RedisSettings } from '../redis/connection.ts';

/** Opens its connection when somebody first looks, so that workers have none. `commands` stays open. */
export function redisPresence(settings: RedisSettings, log: Logger, commands: RedisLink): Presence {
  const counts = new Map<string, number>();
  let link: RedisLink | null = null;
  const channelOf = (userId: number) => `${settings.prefix}:looking:${userId}`;

  /** A command that fails is made good when the connection is ready again. */
  function subscriber() {
    if (link === null) {
      link = connectRedis(settings, 'presence', log);
      const { client } = link;
      client.on('ready', () => {
        if (counts.size > 0) client.subscribe(...counts.keys()).catch(() => {});
      });
    }
    return link.client;
  }

  function change(channel: string, by: 1 | -1): void {
    const before = counts.get(channel) ?? 0;
    const now = before + by;
    if (now === 0) counts.delete(channel);
    else counts.set(channel, now);
    if (before !== 0 && now !== 0) return;
    const client = subscriber();
    (now === 0 ? client.unsubscribe(channel) : client.subscribe(channel)).catch(() => {});
  }

  return {
    look(userId) {
      const channel = channelOf(userId);
      let here = true;
      change(channel, 1);
      return () => {
        if (here) change(channel, -1);
        here = false;
      };
    },
    async isLooking(userId) {
      const [, subscribers] = await commands.client.pubsub('NUMSUB', channelOf(userId));
      return Number(subscribers) > 0;
    },
    async [Symbol.asyncDispose]() {
      await link?.[Symbol.asyncDispose]();
    },
  };
}
