/** Every wrong setting of Redis ends in its message, against real servers; with a merely restricted server it works. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { checkRedisServer } from '../../server/adapters/redis/check.ts';
import { parseConfig } from '../../server/config/config.ts';
import { signIn } from '../client.ts';
import { embeddedPlace, startProduct } from '../harness.ts';
import { quietLog } from '../ports/adapters.ts';
import { canSpawnRedis } from '../redis-server.ts';
import { canCertify } from './certificate.ts';
import { openRedisServers } from './redis-servers.ts';
import { doubtfulRedis, wrongRedis, type RedisPorts } from './redis.ts';
import { expectRefusal, patternOf } from './refused-start.ts';

describe.skipIf(!canSpawnRedis || !canCertify)('Redis', { timeout: 120_000 }, () => {
  const opened = new AsyncDisposableStack();
  let ports: RedisPorts;
  beforeAll(async () => {
    ports = await openRedisServers(opened);
  });
  afterAll(() => opened.disposeAsync());

  it.each(wrongRedis)('$setting: $given', async ({ sentence, environment }) => {
    await expectRefusal(sentence, environment(ports));
  });

  it.each(doubtfulRedis)('starts with $given, and logs a warning', async ({ sentence, environment }) => {
    const { log, lines } = quietLog();
    await checkRedisServer(parseConfig(environment(ports), 'all').redis!, log);
    expect(lines).toEqual([expect.objectContaining({ msg: expect.stringMatching(patternOf(sentence)) as string })]);
  });

  it('stops the operator’s command too', async () => {
    const [first] = wrongRedis;
    await expectRefusal(first!.sentence, first!.environment(ports), {
      command: ['server/cli.ts', 'users', 'find', '1'],
    });
  });

  it('works completely without CONFIG, for a user limited to its own keys and channels', async () => {
    await using place = await embeddedPlace();
    const REDIS_URL = `redis://app:right@127.0.0.1:${ports.restricted}`;
    await using running = await startProduct(place, { environment: { REDIS_URL } });
    const user = await signIn(running.url);
    const room = await user.room();
    await using feed = await user.events();
    expect((await user.ask(room, 'hello')).status).toBe(202);
    await feed.next((event) => event.type === 'reply.completed');
    const ready = await fetch(`${running.url}/health/ready`);
    expect(await ready.json()).toMatchObject({ status: 'ok' });
  });
});
