/** 2,000 replies of 50 chunks over two seconds in one worker, against a loop that only streams them. */
import { setTimeout as pause } from 'node:timers/promises';
import type { Client } from 'pg';
import type { Bed } from '../bed.ts';
import { thousands, type Line } from '../line.ts';
import { ratios, spreadOf, takeTurns, withCpu } from '../measure.ts';
import { addPeople } from '../people.ts';
import { withClient } from '../postgres.ts';

const replies = 2000;
const question = 'What comes after this? [[chunks:50]][[delay:40]]';
/** CPU per reply compared with the bare loop, and the capacity of one worker. */
const mostCpu = 2;
const mostRssMb = 300;

export async function answer(bed: Bed): Promise<Line[]> {
  const count = replies * bed.scale.size;
  const place = await bed.place('answer');
  await using worker = await bed.product('worker', { ...place, WORKER_CONCURRENCY: String(count) });
  await using bare = await bed.bare('answer', place);
  await addPeople(place.DATABASE_URL!, count);
  const peaks: number[] = [];
  const tookSeconds: number[] = [];

  const turns = {
    async ours() {
      const { cpuSeconds, result } = await withCpu(worker.child, () => answerAll(place.DATABASE_URL!));
      peaks.push(result.peak);
      tookSeconds.push(result.tookSeconds);
      return (cpuSeconds / count) * 1000;
    },
    async bare() {
      const { cpuSeconds } = await withCpu(bare.child, async () => {
        const query = new URLSearchParams({ count: String(count), question });
        await (await fetch(`${bare.url}/run?${query.toString()}`)).text();
      });
      return (cpuSeconds / count) * 1000;
    },
  };
  await turns.ours();
  await turns.bare();
  const { ours, bare: least } = await takeTurns(bed.scale.rounds, turns);

  const cpu = ratios(ours, least);
  const inFlight = spreadOf(peaks);
  const rssMb = worker.child.peakRssMb();
  return [
    {
      name: 'answer, CPU a reply',
      ours: `${spreadOf(ours).median.toFixed(2)} ms`,
      bare: `${spreadOf(least).median.toFixed(2)} ms`,
      ratio: cpu,
      goal: `≤ ${mostCpu}`,
      met: cpu.median <= mostCpu,
      note: `${thousands(count)} replies took ${spreadOf(tookSeconds).median.toFixed(1)} s; a stream takes 2 s without delays.`,
    },
    {
      name: 'answer, in flight at once',
      ours: thousands(inFlight.median),
      bare: '',
      ratio: null,
      goal: thousands(count),
      met: inFlight.median >= count,
      note: '',
    },
    {
      name: 'answer, memory at its peak',
      ours: `${rssMb.toFixed(0)} MB`,
      bare: `${bare.child.peakRssMb().toFixed(0)} MB`,
      ratio: null,
      goal: `≤ ${mostRssMb} MB`,
      met: rssMb <= mostRssMb,
      note: '',
    },
  ];
}

/** Queues one question a room and waits until all are answered. */
async function answerAll(databaseUrl: string): Promise<{ peak: number; tookSeconds: number }> {
  return withClient(databaseUrl, async (client) => {
    await client.query('truncate messages, replies cascade');
    await client.query(
      `with question as (
        insert into messages (chatroom_id, user_id, is_from_user, content)
        select id, user_id, true, $1 from chatrooms returning id, chatroom_id, user_id
      ), answer as (
        insert into messages (chatroom_id, user_id, parent_id, is_from_user)
        select chatroom_id, user_id, id, false from question returning id, parent_id, chatroom_id, user_id
      ) insert into replies (message_id, question_id, chatroom_id, user_id, status)
      select id, parent_id, chatroom_id, user_id, 'queued' from answer`,
      [question],
    );
    const startedAt = performance.now();
    let peak = 0;
    for (;;) {
      const { queued, generating } = await unfinished(client);
      peak = Math.max(peak, generating);
      if (queued + generating === 0) break;
      await pause(50);
    }
    return { peak, tookSeconds: (performance.now() - startedAt) / 1000 };
  });
}

async function unfinished(client: Client): Promise<{ queued: number; generating: number }> {
  const { rows } = await client.query<{ queued: number; generating: number }>(
    `select count(*) filter (where status = 'queued')::int as queued,
      count(*) filter (where status = 'generating')::int as generating
     from replies where status in ('queued', 'generating')`,
  );
  return rows[0]!;
}
