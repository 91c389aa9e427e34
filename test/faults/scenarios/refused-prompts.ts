/** Refused prompts: failures cost a bounded number of calls, and an account has a bounded number of replies at once. */
import { signIn, type Client } from '../../client.ts';
import { audit, settled } from '../ledger.ts';
import type { Scenario } from '../scenario.ts';
import type { Stage } from '../stage.ts';
import { anyOf, pause } from '../waiting.ts';

const dailyLimit = 5;
const prompts = 50;
/** Calls for 50 refused prompts: the daily limit of 5, and the 20 refunded. */
const mostCalls = 25;
const mostAttempts = 5;
const mostUnfinished = 20;
const proAtOnce = 5;

export const refusedPrompts: Scenario = {
  name: 'refused-prompts',
  promise:
    'Failures are bounded: refunds a day, attempts a question, unfinished replies and replies at once of an account',
  async run(stage, counts) {
    const rounds = counts(10, 3, 1);
    const limits = { BASIC_DAILY_LIMIT: String(dailyLimit), UNFINISHED_REPLIES_AT_MOST: String(mostUnfinished) };
    const apis = await Promise.all([stage.start('api', limits), stage.start('api', limits)]);
    const fleet = ['worker', 'worker', 'worker'] as const;
    await Promise.all(fleet.map((role) => stage.start(role, { REFUNDS_DAILY: '20' })));
    const urls = apis.map(({ url }) => url);
    const worst = { calls: 0, attempts: 0, unfinished: 0, atOnce: 0 };
    for (let round = 0; round < rounds; round++) {
      worst.calls = Math.max(worst.calls, await callsForBlocked(stage, urls, round));
      worst.attempts = Math.max(worst.attempts, await callsForEmpty(stage, urls, round));
      const greedy = await queueUp(stage, urls);
      worst.unfinished = Math.max(worst.unfinished, greedy.accepted);
      worst.atOnce = Math.max(worst.atOnce, greedy.atOnce);
    }
    const unfinished = await settled(stage.sql, 60_000);
    const found = await audit(stage.sql, { acceptances: [] });
    const over = (what: string, seen: number, most: number) => (seen > most ? [`${seen} ${what}, not ${most}`] : []);
    return {
      faults: rounds * (prompts + 1),
      operations: rounds * (prompts + 1 + 60),
      lost: unfinished,
      doubled: 0,
      worstRecoverySeconds: null,
      broken: [
        ...found.broken,
        ...over(`calls for ${prompts} blocked prompts`, worst.calls, mostCalls),
        ...over('calls for an empty answer', worst.attempts, mostAttempts),
        ...over('questions accepted at once from one account', worst.unfinished, mostUnfinished),
        ...over('replies of one Pro account at once', worst.atOnce, proAtOnce),
      ],
      note:
        `at most ${worst.calls} calls for ${prompts} blocked prompts of a Basic account, ${worst.attempts} for an empty answer, ` +
        `${worst.unfinished} of 60 questions accepted at once, ${worst.atOnce} replies of a Pro account at once; 2 APIs, 3 workers`,
    };
  },
};

/** Sends half of them one by one, the rest at once. */
async function callsForBlocked(stage: Stage, urls: readonly string[], round: number): Promise<number> {
  const client = await signIn(anyOf(urls));
  const rooms = await Promise.all(Array.from({ length: 10 }, () => client.room()));
  const content = `Blocked in round ${round} [[block:SAFETY]]`;
  for (let sent = 0; sent < prompts / 2; sent++) {
    await post(client, anyOf(urls), rooms[sent % rooms.length]!, content);
    await settled(stage.sql, 20_000);
  }
  for (let wave = 0; wave < 5; wave++) {
    await Promise.all(rooms.slice(0, prompts / 10).map((room) => post(client, anyOf(urls), room, content)));
    await settled(stage.sql, 20_000);
  }
  return callsOf(stage, content);
}

async function callsForEmpty(stage: Stage, urls: readonly string[], round: number): Promise<number> {
  const client = await signIn(anyOf(urls));
  const content = `Empty in round ${round} [[empty]]`;
  await post(client, anyOf(urls), await client.room(), content);
  await settled(stage.sql, 90_000);
  return callsOf(stage, content);
}

/** One Pro account posts 60 questions at once through all processes; returns the number accepted and running at once. */
async function queueUp(stage: Stage, urls: readonly string[]): Promise<{ accepted: number; atOnce: number }> {
  const client = await signIn(anyOf(urls));
  await stage.sql(`update users set tier = 'Pro' where mobile_number = $1`, [client.number]);
  const rooms = await Promise.all(Array.from({ length: 60 }, () => client.room()));
  const answers = await Promise.all(
    rooms.map((room) => post(client, anyOf(urls), room, 'Much at once [[first:1500]]')),
  );
  let atOnce = 0;
  let left = 1;
  while (left > 0) {
    const [row] = await stage.sql<{ running: number; left: number }>(
      `select count(*) filter (where status = 'generating')::int as running, count(*)::int as left
       from replies where status in ('queued', 'generating')`,
    );
    atOnce = Math.max(atOnce, row!.running);
    left = row!.left;
    await pause(20);
  }
  return { accepted: answers.filter((status) => status === 202).length, atOnce };
}

async function post(client: Client, url: string, room: number, content: string): Promise<number> {
  const { status } = await client.call('POST', `/chatroom/${room}/message`, { body: { content }, url });
  return status;
}

async function callsOf({ fake }: Stage, content: string): Promise<number> {
  return (await fake.requests()).filter(({ question }) => question === content).length;
}
