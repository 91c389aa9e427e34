/** BullMQ and pg-boss in the comparison: this process asks as an API does, plain workers answer. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { Queue } from 'bullmq';
import { Redis } from 'ioredis';
import { Pool } from 'pg';
import { PgBoss } from 'pg-boss';
import { answerText } from '../../fakes/gemini-behaviour.ts';
import { endWithUs } from '../../guard.ts';
import type { Stage } from '../stage.ts';
import { pause } from '../waiting.ts';
import {
  chunks,
  question,
  workerCount,
  type Engine,
  type EngineFindings,
  type EngineWorker,
  type Variant,
} from './engine.ts';
import { bossQueue, bullJob, liveChannel, queueName, type Library, type LiveEvent } from './plain-options.ts';
import { watcher, type Watcher } from './watcher.ts';

export function plain(name: string, library: Library, tuned: boolean, redis: readonly string[] = []): Variant {
  return { name, redis, open: (stage, questions) => openPlain(stage, questions, library, tuned) };
}

const tables = [
  `create table questions (
    id int primary key, content text not null, asked_at timestamptz not null default clock_timestamp(),
    answer text, answered_at timestamptz
  )`,
  `create table attempts (
    id serial primary key, question_id int not null, started_at timestamptz not null default clock_timestamp(),
    written_at timestamptz
  )`,
];

/** Puts questions into the queue. */
interface Producer extends AsyncDisposable {
  /** Stores the question and queues it: atomically, or so that it can be repeated. */
  put(id: number, content: string): Promise<void>;
  pending(): Promise<number>;
}

async function openPlain(stage: Stage, questions: number, library: Library, tuned: boolean): Promise<Engine> {
  await using opened = new AsyncDisposableStack();
  for (const table of tables) await stage.sql(table);
  const pool = new Pool({ connectionString: stage.databaseUrl, max: 4, connectionTimeoutMillis: 5000 });
  pool.on('error', () => {});
  opened.defer(() => pool.end());
  const producer = opened.use(await { bullmq: bullProducer, 'pg-boss': bossProducer }[library](stage, pool, tuned));
  const contents = Array.from({ length: questions }, (_, index) => `${index + 1}: ${question}`);
  const watchers = contents.map((content) => watcher(answerText(content, chunks)));
  opened.use(await watchAll(stage.redis.url, watchers));
  const environment = {
    LIBRARY: library,
    TUNED: tuned ? 'yes' : 'no',
    DATABASE_URL: stage.databaseUrl,
    REDIS_URL: stage.redis.url,
    GEMINI_BASE_URL: stage.fake.url,
  };
  const workers = await Promise.all(Array.from({ length: workerCount }, () => startPlainWorker(environment)));
  for (const worker of workers) opened.use(worker);
  const resources = opened.move();
  return {
    workers,
    async ask(index) {
      const giveUpAt = Date.now() + 90_000;
      for (;;) {
        try {
          return await producer.put(index, contents[index]!);
        } catch (error) {
          if (Date.now() > giveUpAt) throw error;
          await pause(50);
        }
      }
    },
    pending: () => producer.pending(),
    findings: () => findings(stage, watchers),
    [Symbol.asyncDispose]: () => resources.disposeAsync(),
  };
}

const insert = 'insert into questions (id, content) values ($1, $2) on conflict do nothing';

async function bullProducer({ redis }: Stage, pool: Pool, tuned: boolean): Promise<Producer> {
  const queue = new Queue(queueName, { connection: { url: redis.url }, defaultJobOptions: bullJob(tuned) });
  queue.on('error', () => {});
  await queue.waitUntilReady();
  return {
    async put(id, content) {
      await pool.query(insert, [id, content]);
      await queue.add('answer', { id }, { jobId: `question-${id}` });
    },
    pending: () => queue.getJobCountByTypes('wait', 'active', 'delayed', 'prioritized'),
    [Symbol.asyncDispose]: () => queue.close(),
  };
}

async function bossProducer({ databaseUrl, sql }: Stage, pool: Pool, tuned: boolean): Promise<Producer> {
  const boss = new PgBoss({ connectionString: databaseUrl, supervise: false, schedule: false });
  boss.on('error', () => {});
  await boss.start();
  await boss.createQueue(queueName, bossQueue(tuned));
  return {
    async put(id, content) {
      const client = await pool.connect();
      try {
        await client.query('begin');
        const { rowCount } = await client.query(insert, [id, content]);
        const db = { executeSql: (text: string, values: unknown[] = []) => client.query(text, values) };
        if (rowCount === 1) await boss.send(queueName, { id }, { db });
        await client.query('commit');
        client.release();
      } catch (error) {
        client.release(true);
        throw error;
      }
    },
    async pending() {
      const [row] = await sql<{ count: number }>(
        `select count(*)::int as count from pgboss.job
         where name = '${queueName}' and state in ('created', 'retry', 'active')`,
      );
      return row!.count;
    },
    [Symbol.asyncDispose]: () => boss.stop({ graceful: false }),
  };
}

async function watchAll(url: string, watchers: readonly Watcher[]): Promise<AsyncDisposable> {
  const redis = new Redis(url, { maxRetriesPerRequest: null });
  redis.on('error', () => {});
  redis.on('message', (_channel, message) => {
    const event = JSON.parse(message) as LiveEvent;
    watchers[event.id]?.see(event);
  });
  await redis.subscribe(liveChannel);
  return { [Symbol.asyncDispose]: async () => redis.disconnect() };
}

async function findings({ sql }: Stage, watchers: readonly Watcher[]): Promise<EngineFindings> {
  const rows = await sql<{ content: string; answer: string | null; seconds: number }>(
    `select content, answer, coalesce(extract(epoch from answered_at - asked_at), 0)::float as seconds from questions`,
  );
  const [written] = await sql<{ doubled: number; stale: number }>(
    `select
      (select count(*) from (
        select from attempts where written_at is not null group by question_id having count(*) > 1) as twice)::int as doubled,
      (select count(*) from attempts a where exists (
        select from attempts b
        where b.question_id = a.question_id and b.id > a.id and b.started_at < a.written_at))::int as stale`,
  );
  return {
    ...written!,
    lost: rows.filter(({ content, answer }) => answer !== answerText(content, chunks)).length,
    garbled: watchers.filter(({ garbled }) => garbled).length,
    slowestSeconds: Math.max(0, ...rows.map(({ seconds }) => seconds)),
  };
}

const entry = fileURLToPath(new URL('plain-worker.ts', import.meta.url));

async function startPlainWorker(env: Record<string, string>): Promise<EngineWorker & AsyncDisposable> {
  const launch = async () => {
    const child = spawn(process.execPath, [entry], { env, stdio: ['ignore', 'pipe', 'inherit'] });
    endWithUs(child);
    await Promise.race([once(child.stdout, 'data'), once(child, 'exit')]);
    return child;
  };
  let child = await launch();
  const kill = async (signal: NodeJS.Signals) => {
    const ended = signal === 'SIGKILL' && (child.exitCode ?? child.signalCode) === null ? once(child, 'exit') : null;
    child.kill(signal);
    await ended;
  };
  return {
    kill,
    async start() {
      child = await launch();
    },
    [Symbol.asyncDispose]: () => kill('SIGKILL'),
  };
}
