/** Background jobs on each database: enqueued in a transaction, started promptly, retried after failures and crashes. */
import { pino } from 'pino';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { PgBoss } from 'pg-boss';
import { memoryWakeUps } from '../../server/adapters/wake-ups/memory.ts';
import { jobsSchema, overConnection } from '../../server/jobs/boss.ts';
import { handle, type JobKind, type PeriodicJob } from '../../server/jobs/job.ts';
import { openJobs, type OpenJobs, type WorkingJobs } from '../../server/jobs/open.ts';
import type { Database } from '../../server/ports/database.ts';
import { databases } from '../databases.ts';

interface Probe {
  readonly about: string;
}

const kindOf = (name: string, duplicates: 'drop' | 'follow'): JobKind<Probe> => ({
  name,
  key: ({ about }) => about,
  duplicates,
  concurrency: 3,
});
const dropped = kindOf('test-dropped', 'drop');
const followed = kindOf('test-followed', 'follow');

/** Much shorter than a worker's polling interval. */
const soonMs = 1500;
const patience = { timeout: 25_000 };

for (const { name, open, present } of databases) {
  // Concurrent, because these tests mostly wait; those in `in order` share handlers.
  describe.skipIf(!present)(`jobs on ${name}`, { concurrent: true, timeout: 60_000 }, () => {
    describe('in order', { concurrent: false }, () => {
      const log = pino({ level: 'silent' });
      const wakeUps = memoryWakeUps();
      const started: string[] = [];
      let db: Database;
      let jobs: OpenJobs;
      let working: WorkingJobs;
      let run: (about: string, signal: AbortSignal) => Promise<void>;
      const rounds = vi.fn<PeriodicJob['run']>(async () => {});

      const startWorking = async () => {
        jobs = openJobs({ db, wakeUps, log }, true);
        const handlers = [dropped, followed].map((kind) =>
          handle(kind, async ({ about }, signal) => {
            started.push(about);
            await run(about, signal);
          }),
        );
        working = await jobs.work([{ handlers, periodic: [{ name: 'test/round', cron: '* * * * *', run: rounds }] }]);
      };

      beforeAll(async () => {
        db = await open();
        run = async () => {};
        await startWorking();
      });
      afterAll(async () => {
        await working.stop(0);
        await wakeUps[Symbol.asyncDispose]();
        await db[Symbol.asyncDispose]();
      });
      afterEach(() => {
        run = async () => {};
      });

      const send = (kind: JobKind<Probe>, about: string) =>
        jobs.transaction([kind], (_tx, sendJob) => sendJob(kind, { about }));
      const runsOf = (about: string) => started.filter((one) => one === about).length;
      const rowsOf = (about: string) =>
        db.execute<{ state: string; output: unknown }>(
          `select state::text, output from ${jobsSchema}.job where singleton_key = $1 order by job.state`,
          [about],
        );

      it('start at once, one after the other and many together', async () => {
        for (let n = 0; n < 10; n += 1) {
          const sentAt = performance.now();
          await send(followed, `soon-${n}`);
          await expect.poll(() => runsOf(`soon-${n}`), { interval: 5 }).toBe(1);
          expect(performance.now() - sentAt).toBeLessThan(soonMs);
        }
        const many = Array.from({ length: 50 }, (_, n) => `many-${n}`);
        await jobs.transaction([followed], async (_tx, sendJob) => {
          for (const about of many) await sendJob(followed, { about });
        });
        await expect.poll(() => many.every((about) => runsOf(about) === 1), { timeout: 5000 }).toBe(true);
      });

      it('are enqueued only if their transaction commits', async () => {
        const failing = jobs.transaction([followed], async (_tx, sendJob) => {
          await sendJob(followed, { about: 'rolled back' });
          throw new Error('stop');
        });
        await expect(failing).rejects.toThrow('stop');
        expect(await rowsOf('rolled back')).toEqual([]);
      });

      it('can be sent by a process that has not sent any before', async () => {
        const other = openJobs({ db, wakeUps, log }, false);
        await other.transaction([followed], (_tx, sendJob) => sendJob(followed, { about: 'from another' }));
        await expect.poll(() => runsOf('from another'), patience).toBe(1);
      });

      it('sent again while running run once more or not, according to their kind', async () => {
        const gate = Promise.withResolvers<void>();
        run = () => gate.promise;
        for (const kind of [dropped, followed]) {
          await send(kind, kind.name);
          await expect.poll(() => runsOf(kind.name)).toBe(1);
          for (let again = 0; again < 3; again += 1) await send(kind, kind.name);
        }
        expect((await rowsOf(dropped.name)).map(({ state }) => state)).toEqual(['active']);
        expect((await rowsOf(followed.name)).map(({ state }) => state)).toEqual(['created', 'active']);
        gate.resolve();
        await expect.poll(() => runsOf(followed.name)).toBe(2);
        await expect
          .poll(async () => (await rowsOf(followed.name)).map(({ state }) => state), patience)
          .toEqual(['completed', 'completed']);
        expect(runsOf(dropped.name)).toBe(1);
      });

      it("are retried when they fail, and the error's message is not stored", async () => {
        run = async () => {
          if (runsOf('fails once') === 1) throw new Error('about +14155550123');
        };
        await send(followed, 'fails once');
        await expect.poll(() => runsOf('fails once'), patience).toBe(2);
        await expect.poll(async () => (await rowsOf('fails once'))[0]?.state, patience).toBe('completed');
        expect(JSON.stringify(await db.execute(`select * from ${jobsSchema}.job`, []))).not.toContain('4155550123');
      });

      it('expire and run again when their worker is silent, and the first run is aborted', async () => {
        let told = false;
        run = (_about, signal) => {
          if (runsOf('silent') > 1) return Promise.resolve();
          return new Promise((resolve) => {
            signal.addEventListener('abort', () => {
              told = true;
              resolve();
            });
          });
        };
        await send(followed, 'silent');
        await expect.poll(() => runsOf('silent')).toBe(1);
        // Simulates silence; in this process the heartbeats continue.
        await db.execute(
          `update ${jobsSchema}.job set started_on = started_on - interval '1 day' where singleton_key = $1`,
          ['silent'],
        );
        await expect.poll(() => runsOf('silent'), patience).toBe(2);
        await expect.poll(() => told, patience).toBe(true);
      });

      it('are released by a worker that stops, within its time limit', async () => {
        const gate = Promise.withResolvers<void>();
        let aborted = false;
        run = (_about, signal) => {
          signal.addEventListener('abort', () => (aborted = true));
          return gate.promise;
        };
        await send(followed, 'handed back');
        await expect.poll(() => runsOf('handed back')).toBe(1);
        const stoppedAt = performance.now();
        await working.stop(1000);
        expect(performance.now() - stoppedAt).toBeLessThan(3000);
        expect(aborted).toBe(true);
        expect((await rowsOf('handed back')).map(({ state }) => state)).toEqual(['retry']);
        run = async () => {};
        await startWorking();
        await expect.poll(() => runsOf('handed back'), patience).toBe(2);
        gate.resolve();
      });

      it('are deleted an hour after completion', async () => {
        const queues = await db.execute<{ name: string; deletion_seconds: number }>(
          `select name, deletion_seconds from ${jobsSchema}.queue order by name`,
          [],
        );
        for (const queue of queues) expect(queue).toMatchObject({ deletion_seconds: 3600 });
        expect(queues.length).toBeGreaterThan(3);
      });

      it('use tables, made by our migrations, that are identical to those of the installed pg-boss', async () => {
        const boss = new PgBoss({ db: overConnection(db), schema: jobsSchema });
        const drift = await boss.detectSchemaDrift();
        expect(drift).toMatchObject({ ok: true, extraIndexes: [] });
      });

      it('keep running beside a newer process whose migrations changed the tables', async () => {
        const [row] = await db.execute<{ version: number }>(`select version from ${jobsSchema}.version`, []);
        await db.execute(`update ${jobsSchema}.version set version = $1`, [row!.version + 1]);
        await working.stop(0);
        await startWorking();
        await send(followed, 'beside a newer');
        await expect.poll(() => runsOf('beside a newer')).toBe(1);
        await db.execute(`update ${jobsSchema}.version set version = $1`, [row!.version]);
      });

      // Until the next full minute, plus half a minute until pg-boss checks its schedules again.
      it('run on schedule when periodic', { timeout: 120_000 }, async () => {
        await expect.poll(() => rounds.mock.calls.length, { timeout: 100_000 }).toBeGreaterThan(0);
      });
    });
  });
}
