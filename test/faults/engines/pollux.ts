/** Pollux in the comparison: an API, workers, and clients of the live feed. */
import type { FeedEvent } from '../../../contract/events.ts';
import type { Client, EventStream } from '../../client.ts';
import { answerText } from '../../fakes/gemini-behaviour.ts';
import { askOnce, signInUsers } from '../crowd.ts';
import { named, noteHistory, readHistory } from '../history.ts';
import { audit, openLedger, unansweredOf, type Accepted } from '../ledger.ts';
import type { Stage } from '../stage.ts';
import { pause } from '../waiting.ts';
import { chunks, concurrency, question, workerCount, type Engine, type Variant } from './engine.ts';
import { watcher } from './watcher.ts';

const people = 24;

export const pollux: Variant = { name: 'Pollux', open: openPollux };

async function openPollux(stage: Stage, questions: number): Promise<Engine> {
  const api = await stage.start('api');
  await noteHistory(stage.sql);
  const workers = await Promise.all(
    Array.from({ length: workerCount }, (_, index) =>
      stage.start('worker', {
        DATABASE_URL: named(stage.databaseUrl, `worker-${index}`),
        WORKER_CONCURRENCY: String(concurrency),
      }),
    ),
  );
  // A room for each question, because a room answers one at a time.
  const crowd = await signInUsers(api.url, people, Math.ceil(questions / people));
  const done = new AbortController();
  const streams: EventStream[] = [];
  const watching = crowd.map(({ client }) => watch(client, streams, done.signal));
  const ledger = openLedger();
  const asking = {
    urls: [api.url],
    ledger,
    content: question,
    maxPauseMs: 0,
    keys: 'always',
    signal: done.signal,
  } as const;

  return {
    workers,
    async ask(index) {
      const person = crowd[index % people]!;
      await askOnce({ ...person, rooms: [person.rooms[Math.floor(index / people)]!] }, asking, true);
    },
    async pending() {
      const [row] = await stage.sql<{ count: number }>(
        `select count(*)::int as count from replies where status in ('queued', 'generating')`,
      );
      return row!.count;
    },
    async findings() {
      const found = await audit(stage.sql, ledger);
      const history = await readHistory(stage.sql);
      const [slowest] = await stage.sql<{ seconds: number }>(
        `select coalesce(max(extract(epoch from r.finished_at - q.created_at)), 0)::float as seconds
         from replies r join messages q on q.id = r.question_id`,
      );
      const seen = streams.flatMap(({ received }) => received.map(({ event }) => event));
      return {
        lost: found.lost + found.givenUp + (await unansweredOf(stage.sql, ledger, chunks)),
        doubled: found.doubled + history.doubled,
        stale: history.stale,
        garbled: ledger.acceptances.filter((accepted) => isGarbled(seen, accepted)).length,
        slowestSeconds: slowest!.seconds,
      };
    },
    async [Symbol.asyncDispose]() {
      done.abort();
      for (const stream of streams) await stream[Symbol.asyncDispose]();
      await Promise.all(watching);
    },
  };
}

/** Follows the feed and, as `EventSource` does, resumes it when it ends. */
async function watch(client: Client, streams: EventStream[], signal: AbortSignal): Promise<void> {
  let after: string | undefined;
  while (!signal.aborted) {
    const stream = await client.events({ ...(after && { after }) }).catch(() => null);
    if (stream !== null) {
      streams.push(stream);
      await stream.ended;
      after = stream.position || after;
    }
    await pause(200);
  }
}

function isGarbled(seen: readonly FeedEvent[], { replyId, content }: Accepted): boolean {
  const watching = watcher(answerText(content, chunks));
  for (const event of seen) {
    if (!('message_id' in event) || event.message_id !== replyId) continue;
    const type = event.type.replace('reply.', '');
    watching.see('message' in event ? { type, text: event.message.content } : { ...event, type });
  }
  return watching.garbled;
}
