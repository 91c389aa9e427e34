/** Poison: replies that kill every worker that begins them, among ordinary ones. */
import { signInUsers, type Person } from '../crowd.ts';
import { audit, openLedger, settled, unansweredOf, type Ledger } from '../ledger.ts';
import { openProbe } from '../probe.ts';
import type { Scenario } from '../scenario.ts';
import type { Service } from '../service.ts';
import type { Stage } from '../stage.ts';
import { pause, until } from '../waiting.ts';

const deathsEach = 3;
const others = 12;
const chunks = 10;
const poisonous = (n: number) => `Poison ${n} [[first:60000]]`;

export const poison: Scenario = {
  name: 'poison',
  promise: 'A reply that kills its worker fails after three deaths, and no other reply fails with it',
  async run(stage, counts) {
    const poisons = counts(4, 2, 1);
    const api = await stage.start('api');
    const workers: Named[] = [];
    for (let started = 0; started < 2; started++) {
      const service = await stage.start('worker');
      workers.push({
        service,
        id: await newWorker(
          stage.sql,
          workers.map(({ id }) => id),
        ),
      });
    }
    const bad = await signInUsers(api.url, poisons, 1);
    const good = await signInUsers(api.url, others, 1);
    const ledger = openLedger();
    const [first, ...later] = bad;
    const replyIds: number[] = [];
    const askBad = async ({ client, rooms: [room] }: Person, n: number) => {
      const { body } = await client.ask(room!, poisonous(n));
      replyIds.push(body.reply.id);
    };
    // One is first in the queue, the rest are in its middle.
    await askBad(first!, 0);
    await Promise.all([
      ...good.map(async ({ client, rooms: [room] }, n) => {
        const content = `Beside it ${n} [[chunks:${chunks}]][[delay:100]]`;
        ledger.accept(content, (await client.ask(room!, content)).body);
      }),
      ...later.map((person, n) => askBad(person, n + 1)),
    ]);
    const kills = await killWhatBegins(stage, workers, replyIds);
    const probe = await (await openProbe(stage, api.url)).ask();
    return { ...(await compare(stage, ledger, replyIds)), faults: kills, worstRecoverySeconds: probe };
  },
};

/** A worker process and the id under which it claims replies. */
interface Named {
  readonly service: Service;
  id: string;
}

/** Kills each worker that runs one of these replies, until all have ended. Returns the number of kills. */
async function killWhatBegins({ sql }: Stage, workers: readonly Named[], ids: readonly number[]): Promise<number> {
  let kills = 0;
  const known = workers.map(({ id }) => id);
  const states = () =>
    sql<{ status: string; worker: string | null; attempt: string }>(
      `select status, worker_id::text as worker, message_id || ':' || epoch as attempt from replies
       where message_id = any ($1::bigint[])`,
      [ids],
    );
  const running = async () => (await states()).filter(({ status }) => status === 'generating');
  await until('the poison is given up', ids.length * 120_000, async () => {
    const begun = await running();
    const dying = workers.filter(({ id }) => begun.some(({ worker }) => worker === id));
    for (const worker of dying) {
      await worker.service.kill('SIGKILL');
      await worker.service.start();
      worker.id = await newWorker(sql, known);
      known.push(worker.id);
      kills++;
    }
    // Their replies count as running until the lease ends. Here the next attempt may begin at once.
    await until('they are taken back', 30_000, async () => {
      const now = await running();
      return !begun.some(({ attempt }) => now.some((other) => other.attempt === attempt));
    });
    await pause(20);
    return (await states()).every(({ status }) => status === 'failed');
  });
  return kills;
}

/** The worker id that is not among `known`: that of the process just started. */
async function newWorker(sql: Stage['sql'], known: readonly string[]): Promise<string> {
  const rows = await sql<{ id: string }>('select id::text as id from workers where id <> all ($1::uuid[])', [known]);
  if (rows.length !== 1) throw new Error(`${rows.length} new workers, not one`);
  return rows[0]!.id;
}

async function compare({ sql }: Stage, ledger: Ledger, replyIds: readonly number[]) {
  const unfinished = await settled(sql, 60_000);
  const found = await audit(sql, ledger);
  const wrong = await unansweredOf(sql, ledger, chunks);
  const refunded = await sql(
    `select from replies where message_id = any ($1::bigint[]) and code = 'internal_error' and charged_on is null`,
    [replyIds],
  );
  const [begun] = await sql<{ most: number; sum: number }>(
    'select max(epoch)::int as most, sum(epoch)::int as sum from replies where message_id = any ($1::bigint[])',
    [replyIds],
  );
  return {
    operations: ledger.acceptances.length + replyIds.length,
    lost: found.lost + wrong + found.givenUp,
    doubled: found.doubled,
    broken: [
      ...found.broken,
      ...(unfinished > 0 ? [`${unfinished} replies still unfinished`] : []),
      ...(refunded.length < replyIds.length ? [`${replyIds.length - refunded.length} were not refunded`] : []),
      ...(begun!.most > deathsEach ? [`one was begun ${begun!.most} times, not ${deathsEach}`] : []),
    ],
    note: `${replyIds.length} such questions were begun ${begun!.sum} times in all, among ${ledger.acceptances.length} others; of 2 workers the one that runs it is killed; recovery is until the next question is answered`,
  };
}
