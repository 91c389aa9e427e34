/** A reply that kills every process that begins it fails after three deaths; other accounts' replies do not fail. */
import { expect, it } from 'vitest';
import { signIn, type Client } from '../client.ts';
import { startFakeGemini } from '../fakes/gemini.ts';
import { askAt, embeddedPlace } from '../harness.ts';
import { startProcess, type RunningProcess } from '../processes.ts';

const deaths = 3;
const poison = 'Poison [[first:60000]]';

interface Asked {
  readonly user: Client;
  readonly roomId: number;
  readonly messageId: number;
}

it(`kills ${deaths} processes and no more, is refunded, and fails no other reply`, { timeout: 120_000 }, async () => {
  await using fake = await startFakeGemini();
  await using place = await embeddedPlace();
  const start = () => startProcess({ ...place.environment, ...askAt(fake) });
  const calls = () => fake.requests().filter(({ question }) => question === poison).length;
  let running: RunningProcess = await start();
  // They run beside it, and are interrupted each time.
  const others = await Promise.all([1, 2, 3].map((n) => ask(running.url, `Beside it ${n} [[first:500]]`)));
  const bad = await ask(running.url, poison);
  for (let death = 1; death <= deaths; death++) {
    await expect.poll(calls, { timeout: 20_000 }).toBe(death);
    await running.kill('SIGKILL');
    running = await start();
  }
  try {
    const { url } = running;
    const failed = await bad.user.waitForReply(bad.roomId, { url });
    expect(failed).toMatchObject({ status: 'failed', code: 'internal_error' });
    expect((await bad.user.call('GET', '/user/me', { url })).body.daily_message_count).toBe(0);
    for (const { user, roomId, messageId } of [...others, await ask(url, 'After all that')]) {
      expect((await user.waitForReply(roomId, { messageId, url })).status).toBe('complete');
    }
    expect(calls()).toBe(deaths);
  } finally {
    await running[Symbol.asyncDispose]();
  }
});

async function ask(url: string, question: string): Promise<Asked> {
  const user = await signIn(url);
  const roomId = await user.room();
  const { body } = await user.ask(roomId, question);
  return { user, roomId, messageId: body.id };
}
