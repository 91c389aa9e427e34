/** The start check of Redis: refuses an old version, and logs nothing for a proper one. */
import { once } from 'node:events';
import net from 'node:net';
import { describe, expect, it } from 'vitest';
import { checkRedisServer } from '../../server/adapters/redis/check.ts';
import { canSpawnRedis, startRedis } from '../redis-server.ts';
import { quietLog, settingsFor } from './adapters.ts';

/** A server with just enough of the protocol to report `version`. */
async function impostor(version: string): Promise<{ port: number } & AsyncDisposable> {
  const sockets = new Set<net.Socket>();
  const server = net.createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    socket.on('data', (data) => {
      for (const [, command] of String(data).matchAll(/\*\d+\r\n\$\d+\r\n(\w+)/g)) socket.write(answer(command!));
    });
  });
  const info = `redis_version:${version}\r\nmaxmemory:0\r\nmaxmemory_policy:noeviction\r\n`;
  const answer = (command: string) => {
    if (command.toLowerCase() === 'hello') return '-ERR unknown command HELLO\r\n';
    return command.toLowerCase() === 'info' ? `$${info.length}\r\n${info}\r\n` : '+OK\r\n';
  };
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as net.AddressInfo).port,
    async [Symbol.asyncDispose]() {
      const closed = once(server, 'close');
      server.close();
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}

describe('start check of Redis', () => {
  it('refuses a version that is too old, with a sentence', async () => {
    await using old = await impostor('6.2.14');
    const sentence = `Redis at 127.0.0.1:${old.port} is version 6.2.14; Pollux needs 7 or newer.`;
    await expect(checkRedisServer(settingsFor(old.port), quietLog().log)).rejects.toThrow(sentence);
  });

  it.skipIf(!canSpawnRedis).each([
    { policy: 'noeviction', maxmemory: '100mb' },
    { policy: 'allkeys-lru', maxmemory: '0' },
  ])('logs nothing about $policy with maxmemory $maxmemory', async ({ policy, maxmemory }) => {
    await using redis = await startRedis({ args: ['--maxmemory', maxmemory, '--maxmemory-policy', policy] });
    const { log, lines } = quietLog();
    await checkRedisServer(settingsFor(redis.port), log);
    expect(lines).toEqual([]);
  });
});
