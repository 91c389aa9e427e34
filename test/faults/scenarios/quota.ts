/** Quota and Idempotency-Key: concurrent posts never exceed the limit, and are not charged twice. */
import { randomUUID } from 'node:crypto';
import { setClock, type Sql } from '../../sql.ts';
import { signInUsers, type Person } from '../crowd.ts';
import { exchange } from '../exchange.ts';
import { lessThan, type Scenario } from '../scenario.ts';
import { until } from '../waiting.ts';

const limit = 5;

export const quota: Scenario = {
  name: 'quota',
  promise: '200 posts at once: exactly 5 accepted, none charged to the wrong day',
  async run(stage, counts) {
    const rounds = counts(100, 10, 2);
    const midnights = counts(20, 4, 1);
    const settings = { BASIC_DAILY_LIMIT: String(limit) };
    const apis = await Promise.all([stage.start('api', settings), stage.start('api', settings)]);
    const urls = apis.map(({ url }) => url);
    const broken: string[] = [];
    for (let round = 0; round < rounds; round++) {
      const [person] = await signInUsers(urls[0]!, 1, 1);
      const statuses = await postAtOnce(urls, person!, 200);
      const accepted = statuses.filter((status) => status === 202).length;
      const refused = statuses.filter((status) => status === 429).length;
      if (accepted !== limit || refused !== 200 - limit) broken.push(`${accepted} accepted, ${refused} refused`);
    }
    for (let midnight = 0; midnight < midnights; midnight++) {
      const [person] = await signInUsers(urls[0]!, 1, 1);
      await startClockBeforeMidnight(stage.sql, midnight);
      const [before, after] = [await postAtOnce(urls, person!, 100), await afterMidnight(stage.sql, urls, person!)];
      const accepted = [...before, ...after].filter((status) => status === 202).length;
      if (accepted < limit || accepted > 2 * limit) broken.push(`${accepted} accepted around midnight`);
    }
    await setClock(stage.sql, null);
    broken.push(...(await wrongCounts(stage.sql)));
    return {
      faults: rounds + midnights,
      operations: (rounds + midnights) * 200,
      lost: 0,
      doubled: 0,
      worstRecoverySeconds: null,
      broken,
      note: `${rounds} times 200 posts on two processes, ${midnights} times at 23:59:59.9 of a moved clock`,
      shorter: lessThan(100, rounds, 'rounds'),
    };
  },
};

async function postAtOnce(urls: readonly string[], { token, rooms }: Person, posts: number): Promise<number[]> {
  const answers = await Promise.all(
    Array.from({ length: posts }, (_, index) => {
      const body = { content: `Post ${index}` };
      return exchange('POST', `${urls[index % urls.length]}/chatroom/${rooms[0]}/message`, { token, body });
    }),
  );
  return answers.map((answer) => answer?.status ?? 0);
}

/** Sets the clock of quotas to a tenth of a second before midnight, on a different day each time. */
async function startClockBeforeMidnight(sql: Sql, day: number): Promise<void> {
  await sql(`create or replace function pollux_now() returns timestamptz language sql stable as $$
    select timestamptz '2031-01-01 23:59:59.9Z' + interval '${day} days' + (now() - timestamptz '${new Date().toISOString()}')
  $$`);
}

async function afterMidnight(sql: Sql, urls: readonly string[], person: Person): Promise<number[]> {
  await until('midnight passes', 5000, async () => {
    const [row] = await sql<{ passed: boolean }>(
      `select extract(hour from pollux_now() at time zone 'utc') < 23 as passed`,
    );
    return row!.passed;
  });
  return postAtOnce(urls, person, 100);
}

async function wrongCounts(sql: Sql): Promise<string[]> {
  const [row] = await sql<{ above: number; wrong: number }>(
    `with charged as (
       select user_id, charged_on as day, count(*) as count from replies where charged_on is not null group by 1, 2
     )
     select count(*) filter (where u.used > ${limit})::int as above,
       count(*) filter (where coalesce(u.used, 0) <> coalesce(c.count, 0))::int as wrong
     from daily_usage u full join charged c using (user_id, day)`,
  );
  return [
    ...(row!.above > 0 ? [`${row!.above} days above the limit`] : []),
    ...(row!.wrong > 0 ? [`${row!.wrong} days whose count differs from the charges`] : []),
  ];
}

export const idempotency: Scenario = {
  name: 'idempotency',
  promise: '100 posts at once with one Idempotency-Key: one message, one charge, one answer',
  async run(stage, counts) {
    const rounds = counts(50, 10, 2);
    const apis = await Promise.all([stage.start('api'), stage.start('api')]);
    const [person] = (await signInUsers(apis[0].url, 1, 1)) as [Person];
    const broken: string[] = [];
    for (let round = 0; round < rounds; round++) {
      const key = randomUUID();
      const bodies = await Promise.all(
        Array.from({ length: 100 }, (_, index) =>
          postUntilAnswered(apis[index % 2]!.url, person, key, `Once, ${round}`),
        ),
      );
      const different = new Set(bodies).size;
      if (different !== 1) broken.push(`${different} different answers to one key`);
    }
    const [row] = await stage.sql<{ messages: number; charged: number }>(
      `select (select count(*)::int from messages where is_from_user) as messages,
        (select sum(used)::int from daily_usage) as charged`,
    );
    const doubled = Math.max(0, row!.messages - rounds) + Math.max(0, row!.charged - rounds);
    const lost = Math.max(0, rounds - row!.messages);
    return { faults: rounds, operations: rounds * 100, lost, doubled, worstRecoverySeconds: null, broken };
  },
};

/** Repeats the post until it is no longer in flight; returns the status and the body as text. */
async function postUntilAnswered(url: string, { token, rooms }: Person, key: string, content: string): Promise<string> {
  for (;;) {
    const headers = { 'idempotency-key': key };
    const answer = await exchange('POST', `${url}/chatroom/${rooms[0]}/message`, { token, headers, body: { content } });
    const inFlight = answer?.status === 409 && answer.body.code === 'request_in_flight';
    if (!inFlight) return JSON.stringify([answer?.status, answer?.body]);
  }
}
