/** Erases deleted accounts now: ends the minute that is left to their last writers, and runs the job. */
import { pino } from 'pino';
import { vi } from 'vitest';
import type { RunningProduct } from '../harness.ts';
import { sqlOf } from '../sql.ts';
import { backgroundJobs } from '../../server/worker.ts';

/** Resolves when no deleted account is left. */
export async function runDeletions(running: RunningProduct): Promise<void> {
  const sql = sqlOf(running);
  const deps = { ...running.product.parts, log: pino({ level: 'silent' }) };
  const features = backgroundJobs(deps as unknown as Parameters<typeof backgroundJobs>[0]);
  const schedule = features.flatMap(({ periodic }) => periodic).find(({ name }) => name === 'privacy/deletions');
  await vi.waitFor(
    async () => {
      await sql(`update users set deleted_at = now() - interval '61 seconds' where deleted_at is not null`);
      await schedule!.run(new AbortController().signal);
      const left = await sql('select from users where deleted_at is not null');
      if (left.length > 0) throw new Error('a deleted account is not erased yet');
    },
    { timeout: 20_000, interval: 250 },
  );
}
