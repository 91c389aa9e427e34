/** Replies that a running worker holds but does not generate: it claims them again itself. */
import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openPostgres } from '../../server/adapters/database/postgres.ts';
import { builtInPlans } from '../built-in-plans.ts';
import { createMetrics } from '../../server/health/metrics.ts';
import { noTracing } from '../../server/ports/tracing.ts';
import { openJobs } from '../../server/jobs/open.ts';
import { startWorker } from '../../server/worker.ts';
import { signIn } from '../client.ts';
import { cuttableProxy } from '../cuttable-proxy.ts';
import { answerText } from '../fakes/gemini-behaviour.ts';
import { startFakeGemini, type FakeGemini } from '../fakes/gemini.ts';
import { anyPlace, askAt, distributedPlace, startProduct, type Place, type RunningProduct } from '../harness.ts';
import { liveReply } from '../live-reply.ts';
import { services } from '../services.ts';
import { sqlOf } from '../sql.ts';

const writeWindowMs = 300;
/** Far less than a reply's deadline. */
const withinMs = 20_000;

let fake: FakeGemini;
let place: Place;
let running: RunningProduct;

const started = (makePlace: () => Promise<Place>, role: 'all' | 'api') => async () => {
  fake = await startFakeGemini();
  place = await makePlace();
  running = await startProduct(place, { environment: askAt(fake), role });
};
const ended = async () => {
  await running[Symbol.asyncDispose]();
  await place[Symbol.asyncDispose]();
  await fake[Symbol.asyncDispose]();
};

describe('a claim whose result was lost', () => {
  beforeAll(started(anyPlace, 'all'));
  afterAll(ended);

  /** Asks while no worker may claim, then marks the reply as claimed by the running worker. */
  async function askClaimed(set: string) {
    const sql = sqlOf(running);
    const { models } = running.product.parts;
    await sql(`insert into model_pauses values ($1, now() + interval '1 hour')`, [models.ids[0]]);
    const user = await signIn(running.url);
    const live = await user.events();
    const roomId = await user.room();
    const { body } = await user.ask(roomId, 'Claimed by nobody');
    await sql(`update replies set status = 'generating', epoch = 1, worker_id = $2, ${set} where message_id = $1`, [
      body.reply.id,
      running.product.worker!.workerId,
    ]);
    await sql(`delete from model_pauses`);
    return { user, roomId, live, replyId: body.reply.id as number };
  }

  it('is released and answered', async () => {
    const { user, roomId, live, replyId } = await askClaimed(`deadline_at = now() + interval '5 minutes'`);
    const reply = await user.waitForReply(roomId, { timeoutMs: withinMs });
    expect(reply).toMatchObject({ id: replyId, status: 'complete', attempt: 2, code: null });
    await live.next((event) => event.type === 'reply.completed');
    expect(liveReply(live.received, replyId)).toMatchObject({ text: reply.content, resets: 1 });
    await live[Symbol.asyncDispose]();
  });

  it('is cancelled with its text so far if that was requested', async () => {
    const { user, roomId, live } = await askClaimed(`cancel_requested = true, text = 'So far'`);
    await live.next((event) => event.type === 'reply.cancelled');
    const reply = await user.waitForReply(roomId, { timeoutMs: withinMs });
    expect(reply).toMatchObject({ status: 'cancelled', content: 'So far' });
    await live[Symbol.asyncDispose]();
  });
});

describe.skipIf(!services.postgres || !services.redis)('an outcome that could not be written in time', () => {
  beforeAll(started(distributedPlace, 'api'));
  afterAll(ended);

  it('is generated again by the same worker, and its room continues', { timeout: 60_000 }, async () => {
    const direct = new URL(place.environment.DATABASE_URL!);
    await using proxy = await cuttableProxy(Number(direct.port || 5432));
    const url = Object.assign(new URL(direct), { hostname: '127.0.0.1', port: String(proxy.port) }).href;
    const log = pino({ level: 'silent' });
    await using db = await openPostgres({ url, directUrl: null, poolSize: 2, processes: 1, log });
    const { parts } = running.product;
    const meter = createMetrics().replies;
    const worker = await startWorker(
      {
        ...parts,
        jobs: openJobs({ ...parts, db, log }, true),
        db,
        log,
        security: { record: () => {} },
        meter,
        tracing: noTracing,
        isOnlyProcess: false,
        plans: builtInPlans(5),
        refundsDaily: 20,
        queueMs: 0,
      },
      { concurrency: 10, replyTimeoutMs: 300_000, writeWindowMs },
    );
    await using _stopping = { [Symbol.asyncDispose]: () => worker.stop(0) };
    const user = await signIn(running.url);
    const roomId = await user.room();
    await using live = await user.events();
    const question = 'Written too late [[chunks:20]][[delay:50]]';
    const { body } = await user.ask(roomId, question);
    const next = await user.ask(roomId, 'And then?');
    await live.next((event) => event.type === 'reply.delta' && event.message_id === body.reply.id);
    proxy.refuse();
    await expect
      .poll(() => fake.requests().filter(({ endedAt }) => endedAt !== null), { timeout: 10_000 })
      .toHaveLength(1);
    await expect.poll(worker.activeReplies, { timeout: 10_000 }).toBe(0);
    proxy.heal();
    const reply = await user.waitForReply(roomId, { messageId: body.id, timeoutMs: withinMs });
    expect(reply).toMatchObject({ status: 'complete', attempt: 2, content: answerText(question, 20) });
    const following = await user.waitForReply(roomId, { messageId: next.body.id, timeoutMs: withinMs });
    expect(following).toMatchObject({ status: 'complete', attempt: 1 });
    expect((await user.call('GET', '/user/me')).body.daily_message_count).toBe(2);
  });
});
