/** A reply that a shutdown releases loses no attempt and no time. */
import { describe, expect, it } from 'vitest';
import { signIn } from '../client.ts';
import { startFakeGemini } from '../fakes/gemini.ts';
import { askAt, distributedPlace, startProduct } from '../harness.ts';
import { services } from '../services.ts';
import { sqlOf } from '../sql.ts';

/** More than the calls allowed for a question. */
const shutdowns = 6;

describe.skipIf(!services.postgres || !services.redis)('a reply released at shutdown', () => {
  it(
    `is due at once without counting an attempt, ${shutdowns} times in a row, and is then answered`,
    { timeout: 60_000 },
    async () => {
      await using fake = await startFakeGemini();
      await using place = await distributedPlace();
      await using api = await startProduct(place, { role: 'api' });
      const user = await signIn(api.url);
      const roomId = await user.room();
      const { body } = await user.ask(roomId, `Slow at first [[first:60000x${shutdowns}]]`);
      const state = `select status, attempts, deaths, next_attempt_at <= now() as due from replies where message_id = $1`;
      for (let shutdown = 1; shutdown <= shutdowns; shutdown++) {
        const worker = await startProduct(place, { role: 'worker', environment: askAt(fake) });
        await expect.poll(() => fake.stats().requests).toBe(shutdown);
        await worker.product.close(0);
        expect(await sqlOf(api)(state, [body.reply.id])).toEqual([
          { status: 'queued', attempts: 0, deaths: 0, due: true },
        ]);
      }
      await using _last = await startProduct(place, { role: 'worker', environment: askAt(fake) });
      expect(await user.waitForReply(roomId)).toMatchObject({ status: 'complete', attempt: shutdowns + 1 });
    },
  );
});
