/** Cancellations of replies over a channel in Redis, which every worker subscribes to. */
import type { Logger } from 'pino';
import { connectRedis, type RedisSettings } from '../redis/connection.ts';

const retryMs = 500;

export interface Listener extends AsyncDisposable {
  /** Throws if this listener does not receive messages. */
  check(): void;
}

/** Subscribes again whenever Redis is back; what was published meanwhile is lost. */
export function receiveStops(
  settings: RedisSettings,
  log: Logger,
  channel: string,
  onStop: (replyId: number) => void,
): Listener {
  const link = connectRedis(settings, 'wait-stops', log);
  const { client } = link;
  let retry: NodeJS.Timeout | undefined;
  let isSubscribed = false;

  function subscribe(): void {
    client.subscribe(channel).then(
      () => (isSubscribed = true),
      () => {
        // A closed connection subscribes when it is ready again.
        if (client.status === 'ready') retry = setTimeout(subscribe, retryMs).unref();
      },
    );
  }

  client.on('ready', subscribe);
  client.on('close', () => {
    isSubscribed = false;
    clearTimeout(retry);
  });
  client.on('message', (_channel: string, message: string) => onStop(Number(message)));
  return {
    check() {
      if (!isSubscribed) throw new Error('The listener for stops is disconnected from Redis.');
    },
    async [Symbol.asyncDispose]() {
      clearTimeout(retry);
      client.off('ready', subscribe);
      await link[Symbol.asyncDispose]();
      clearTimeout(retry);
    },
  };
}
