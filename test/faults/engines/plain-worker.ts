/** A worker as in the documentation of BullMQ or pg-boss: streams an answer from Gemini and stores it in a row. */
import { GoogleGenAI } from '@google/genai';
import { Worker } from 'bullmq';
import { Redis } from 'ioredis';
import { Pool } from 'pg';
import { PgBoss } from 'pg-boss';
import { concurrency } from './engine.ts';
import { bossOptions, bullWorker, liveChannel, queueName, type Library, type LiveEvent } from './plain-options.ts';

const { LIBRARY, TUNED, DATABASE_URL, REDIS_URL, GEMINI_BASE_URL } = process.env as Record<string, string>;
const tuned = TUNED === 'yes';
const pool = new Pool({ connectionString: DATABASE_URL, max: concurrency });
pool.on('error', () => {});
const redis = openRedis();
const gemini = new GoogleGenAI({
  apiKey: 'a-key-for-tests',
  vertexai: false,
  apiVersion: 'v1beta',
  httpOptions: { baseUrl: GEMINI_BASE_URL! },
});

/** Reads the question, and records the attempt for the comparison. */
const begin = `with question as (select id, content, answer from questions where id = $1),
  attempt as (insert into attempts (question_id) select id from question returning id)
  select question.content, question.answer, attempt.id as attempt from question, attempt`;

/** The tuned worker is idempotent, as both libraries advise: only the first answer is stored. */
const finish = `with written as (
    update questions set answer = $2, answered_at = coalesce(answered_at, clock_timestamp())
    where id = $1 ${tuned ? 'and answer is null' : ''} returning id
  )
  update attempts set written_at = clock_timestamp() where id = $3 and exists (select from written)`;

async function answer(id: number, signal: AbortSignal | undefined): Promise<void> {
  const { rows } = await pool.query<{ content: string; answer: string | null; attempt: string }>(begin, [id]);
  const { content, answer: stored, attempt } = rows[0]!;
  if (tuned && stored !== null) return;
  publish({ id, type: 'started', text: '' });
  const stream = await gemini.models.generateContentStream({
    model: 'gemini-3.5-flash-lite',
    contents: [{ role: 'user', parts: [{ text: content }] }],
    config: {
      automaticContinuation: false,
      automaticFunctionCalling: { disable: true },
      ...(signal && { abortSignal: signal }),
    },
  });
  let text = '';
  let finished = false;
  for await (const chunk of stream) {
    signal?.throwIfAborted();
    const candidate = chunk.candidates?.[0];
    const delta = candidate?.content?.parts?.[0]?.text ?? '';
    finished ||= candidate?.finishReason !== undefined;
    text += delta;
    publish({ id, type: 'delta', text: delta });
  }
  if (!finished) throw new Error('the stream ended before the answer');
  await pool.query(finish, [id, text, attempt]);
  publish({ id, type: 'completed', text });
}

/** Publishes an event for watchers. It may be lost: the row counts. */
function publish(event: LiveEvent): void {
  redis.publish(liveChannel, JSON.stringify(event)).catch(() => {});
}

function openRedis(): Redis {
  const client = new Redis(REDIS_URL!, { maxRetriesPerRequest: null });
  client.on('error', () => {});
  return client;
}

async function workOnBullMq(): Promise<void> {
  const worker = new Worker<{ id: number }>(queueName, ({ data }, _token, signal) => answer(data.id, signal), {
    connection: openRedis(),
    concurrency,
    ...bullWorker(tuned),
  });
  worker.on('error', () => {});
  if (tuned) worker.on('lockRenewalFailed', (ids) => ids.forEach((id) => worker.cancelJob(id, 'the lock was lost')));
  await worker.waitUntilReady();
}

async function workOnPgBoss(): Promise<void> {
  const boss = new PgBoss({ connectionString: DATABASE_URL, ...bossOptions(tuned) });
  boss.on('error', () => {});
  await boss.start();
  await boss.work<{ id: number }>(queueName, { localConcurrency: concurrency }, async ([job]) => {
    await answer(job!.data.id, job!.signal);
  });
}

await { bullmq: workOnBullMq, 'pg-boss': workOnPgBoss }[LIBRARY as Library]();
process.stdout.write('ready\n');
