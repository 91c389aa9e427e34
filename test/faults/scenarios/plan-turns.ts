/** Turns between plans: Basic accounts are answered under any load of Pro. */
import { signInUsers } from '../crowd.ts';
import type { Scenario } from '../scenario.ts';
import { seconds, until } from '../waiting.ts';

/** Two workers with two concurrent replies each. */
const placesEach = 2;
const proAccounts = 60;
const questionsEach = 20;
const limitSeconds = 10;
const replyMs = 2000;
const giveUpMs = 30_000;

export const planTurns: Scenario = {
  name: 'plan-turns',
  promise: '60 Pro accounts with 20 questions each delay the first question of a Basic account by 10 s at most',
  recoveryLimitSeconds: limitSeconds,
  async run(stage, counts) {
    const basics = counts(10, 4, 2);
    const api = await stage.start('api');
    const pros = await signInUsers(api.url, proAccounts, 1);
    await stage.sql(`update users set tier = 'Pro'`);
    const people = await signInUsers(api.url, basics, 1);
    const work = `[[first:${replyMs / 2}]][[chunks:5]][[delay:${replyMs / 8}]]`;
    for (let n = 0; n < questionsEach; n++) {
      await Promise.all(pros.map(({ client, rooms: [room] }) => client.ask(room!, `Pro ${n} ${work}`)));
    }
    const settings = { WORKER_CONCURRENCY: String(placesEach) };
    await Promise.all([stage.start('worker', settings), stage.start('worker', settings)]);
    await until('Pro is being answered', 20_000, async () => (await stage.fake.requests()).length > 4);
    const waits: number[] = [];
    for (const [
      index,
      {
        client,
        rooms: [room],
      },
    ] of people.entries()) {
      const content = `Basic ${index} ${work}`;
      await client.ask(room!, content);
      const began = async () => (await stage.fake.requests()).some(({ question }) => question === content);
      waits.push(await until('a Basic question begins', giveUpMs, began).catch(() => giveUpMs / 1000));
    }
    const requests = await stage.fake.requests();
    const proServed = requests.filter(({ question }) => question.startsWith('Pro')).length;
    return {
      faults: proAccounts * questionsEach,
      operations: requests.length,
      lost: 0,
      doubled: 0,
      worstRecoverySeconds: Math.max(...waits),
      broken: [],
      note: `a Basic question began after ${waits.map(seconds).join(', ')}, with ${2 * placesEach} replies at once of ${replyMs / 1000} s each; ${proServed} Pro questions began meanwhile`,
    };
  },
};
