/** Fairness: one account's backlog does not delay others, Pro does not wait for Basic, and rooms keep order. */
import type { RecordedRequest } from '../../fakes/gemini-journal.ts';
import { signInUsers, type Person } from '../crowd.ts';
import { settled } from '../ledger.ts';
import type { Scenario } from '../scenario.ts';
import type { Stage } from '../stage.ts';
import { seconds, until } from '../waiting.ts';

/** Few concurrent replies, so that a backlog forms. */
const places = 4;
const replyMs = 300;
const work = `[[chunks:6]][[delay:${replyMs / 6}]]`;
const pile = 200;
/** One reply has to end before another can begin; the rest is overhead. */
const firstAnswerLimitSeconds = 3;

export const fairness: Scenario = {
  name: 'fairness',
  promise: '200 queued questions of one account delay no other; Pro does not wait for Basic; rooms keep order',
  async run(stage, counts) {
    const rounds = counts(5, 2, 1);
    const [api] = await Promise.all([
      stage.start('api'),
      stage.start('worker', { WORKER_CONCURRENCY: String(places) }),
    ]);
    const broken: string[] = [];
    let slowest = 0;
    for (let round = 0; round < rounds; round++) {
      const [greedy] = (await signInUsers(api.url, 1, 20)) as [Person];
      const [modest, pro] = (await signInUsers(api.url, 2, 1)) as [Person, Person];
      await stage.sql(`update users set tier = 'Pro' where mobile_number = $1`, [pro.client.number]);
      await queueUp(greedy);
      slowest = Math.max(slowest, await firstAnswer(stage, modest));
      broken.push(...(await proGoesFirst(stage, pro)));
      const unfinished = await settled(stage.sql, 120_000);
      if (unfinished > 0) broken.push(`${unfinished} replies still unfinished`);
      broken.push(...disorder(await stage.fake.requests()));
      await stage.fake.clear();
    }
    return {
      faults: rounds,
      operations: rounds * (pile + 2),
      lost: 0,
      doubled: 0,
      worstRecoverySeconds: null,
      broken: [
        ...broken,
        ...(slowest > firstAnswerLimitSeconds ? [`somebody's first answer took ${seconds(slowest)}`] : []),
      ],
      note: `slowest first answer of the others ${seconds(slowest)}, with ${places} replies at once of ${replyMs / 1000} s`,
    };
  },
};

/** Sends the questions one after another in each room, so that their order is known. */
async function queueUp({ client, rooms }: Person): Promise<void> {
  await Promise.all(
    rooms.map(async (room) => {
      for (let number = 0; number < pile / rooms.length; number++) {
        await client.ask(room, `Room ${room}, question ${number} ${work}`);
      }
    }),
  );
}

async function firstAnswer({ sql }: Stage, { client, rooms }: Person): Promise<number> {
  const { body } = await client.ask(rooms[0]!, `My first ${work}`);
  return until('the first answer', 60_000, async () => {
    const rows = await sql(`select from replies where message_id = $1 and status = 'complete'`, [body.reply.id]);
    return rows.length > 0;
  });
}

/** Between acceptance and call of the Pro question, only those that were just being claimed may be called. */
async function proGoesFirst({ fake }: Stage, { client, rooms }: Person): Promise<string[]> {
  const content = `From a Pro ${work}`;
  await client.ask(rooms[0]!, content);
  const acceptedAt = Date.now();
  await until('the Pro question is called', 60_000, async () => has(await fake.requests(), content));
  const requests = await fake.requests();
  const calledAt = requests.find(({ question }) => question === content)!.at;
  const before = requests.filter(({ at }) => at > acceptedAt && at < calledAt).length;
  return before > places ? [`${before} Basic questions were called before the Pro one`] : [];
}

function has(requests: readonly RecordedRequest[], content: string): boolean {
  return requests.some(({ question }) => question === content);
}

function disorder(requests: readonly RecordedRequest[]): string[] {
  const last = new Map<string, number>();
  let wrong = 0;
  for (const { question } of requests) {
    const [, room, number] = /^Room (\d+), question (\d+)/.exec(question) ?? [];
    if (room === undefined) continue;
    if (Number(number) <= (last.get(room) ?? -1)) wrong++;
    last.set(room, Number(number));
  }
  return wrong > 0 ? [`${wrong} questions were called before an earlier one of their room`] : [];
}
