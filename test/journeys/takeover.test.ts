/** Workers that die or freeze during an answer: another takes over in time, and the answer arrives complete and once. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startFakeGemini } from '../fakes/gemini.ts';
import { scaled } from '../fault-scale.ts';
import { askAt, distributedPlace, embeddedPlace } from '../harness.ts';
import { startProcess, type RunningProcess } from '../processes.ts';
import { services } from '../services.ts';
import { connectSql, type SqlConnection } from '../sql.ts';
import { startArrangement, type Running } from './arrangements.ts';
import { askAndWatch, expectOnceAndWhole, type Watched } from './watched-questions.ts';

const withinMs = 15_000;
const people = scaled(5);
/** Delays the answer by six seconds the first time it is asked. */
const slowOnce = '[[delay:100x1]]';

describe.skipIf(!services.postgres || !services.redis)('with an API process that keeps running', () => {
  let running: Running;
  let sql: SqlConnection;
  let url: string;
  /** The current worker. */
  let worker: RunningProcess;
  const watched: Watched[] = [];

  beforeAll(async () => {
    running = await startArrangement({ place: distributedPlace, roles: ['api', 'worker'] });
    sql = await connectSql(running.place);
    [url] = running.urls;
    worker = running.processes[1]!;
  });
  afterAll(async () => {
    for (const one of watched) await one[Symbol.asyncDispose]();
    await worker?.[Symbol.asyncDispose]();
    await sql?.[Symbol.asyncDispose]();
    await running?.[Symbol.asyncDispose]();
  });

  /** Starts a second worker, and asks while it is frozen, so that every answer begins at the first. */
  async function askBesideRival(slow: string): Promise<{ questions: Watched[]; rival: RunningProcess }> {
    const rival = await startProcess({ ...running.place.environment, ...askAt(running.fake) }, 'worker');
    await rival.kill('SIGSTOP');
    const questions = await askAndWatch(url, people, slow);
    watched.push(...questions);
    await rival.kill('SIGCONT');
    return { questions, rival };
  }
  const rowsOf = (questions: readonly Watched[]) =>
    sql.sql('select * from replies join messages on id = message_id where id = any ($1) order by id', [
      questions.map(({ replyId }) => replyId),
    ]);

  it(`takes over ${people} replies of a killed worker within ${withinMs / 1000} s`, { timeout: 180_000 }, async () => {
    const { questions, rival } = await askBesideRival(slowOnce);
    const killedAt = Date.now();
    await worker.kill('SIGKILL');
    worker = rival;
    await Promise.all(questions.map((one) => expectOnceAndWhole(one, running.fake, 2)));
    expect(Date.now() - killedAt).toBeLessThan(withinMs);
  });

  it('leaves the replies of a worker that freezes for five seconds alone', { timeout: 180_000 }, async () => {
    const { questions, rival } = await askBesideRival('[[delay:100]]');
    await worker.kill('SIGSTOP');
    const frozen = await sql.sql<{ until: Date }>(`select now() + interval '5 seconds' as until`);
    await expect
      .poll(async () => (await sql.sql(`select 1 where now() > $1`, [frozen[0]!.until])).length, { timeout: 10_000 })
      .toBe(1);
    await worker.kill('SIGCONT');
    await Promise.all(questions.map((one) => expectOnceAndWhole(one, running.fake, 1)));
    await rival.kill('SIGTERM');
  });

  it('allows no writes by a worker that froze beyond its lease', { timeout: 180_000 }, async () => {
    const { questions, rival } = await askBesideRival(slowOnce);
    const frozenAt = Date.now();
    await worker.kill('SIGSTOP');
    await Promise.all(questions.map((one) => expectOnceAndWhole(one, running.fake, 2)));
    expect(Date.now() - frozenAt).toBeLessThan(withinMs);
    const before = await rowsOf(questions);
    const thawedAt = await sql.sql<{ now: Date }>('select now()');
    await worker.kill('SIGCONT');
    // It continues to read from the model, and learns that it lost the reply.
    await expect.poll(() => running.fake.stats().open, { timeout: 20_000 }).toBe(0);
    const beating = `select count(*)::int as workers from workers where seen_at > $1`;
    await expect.poll(() => sql.sql(beating, [thawedAt[0]!.now]), { timeout: 10_000 }).toEqual([{ workers: 2 }]);
    await worker.kill('SIGTERM');
    worker = rival;
    expect(await rowsOf(questions)).toEqual(before);
    await Promise.all(questions.map((one) => expectOnceAndWhole(one, running.fake, 2)));
  });
});

describe('embedded', () => {
  it(`finishes the replies of a killed process after its restart`, { timeout: 180_000 }, async () => {
    await using fake = await startFakeGemini();
    await using place = await embeddedPlace();
    const start = () => startProcess({ ...place.environment, ...askAt(fake) });
    await using killed = await start();
    const questions = await askAndWatch(killed.url, people, slowOnce);
    await killed.kill('SIGKILL');
    for (const one of questions) await one[Symbol.asyncDispose]();
    await using restarted = await start();
    const readyAt = Date.now();
    await Promise.all(questions.map((one) => expectOnceAndWhole(one, fake, 2, restarted.url)));
    expect(Date.now() - readyAt).toBeLessThan(withinMs);
  });
});
