/** The ledger: every call to the model once, at what the vendor counted, through kills, retries, cancels and cut streams. */
import { randomUUID } from 'node:crypto';
import { signInUsers, type Person } from '../crowd.ts';
import { exchange } from '../exchange.ts';
import type { CountedCall } from '../fake-gemini.ts';
import { settled } from '../ledger.ts';
import { lessThan, type Scenario } from '../scenario.ts';
import type { Stage } from '../stage.ts';
import { anyOf, pause, randomPause } from '../waiting.ts';

const settleMs = 120_000;
/** Conversations stay short, so that the fake can keep all requests. */
const questionsInRoom = 4;
const behaviours = [
  '[[chunks:10]][[delay:20]]',
  '[[chunks:30]][[delay:20]]',
  '[[chunks:10]][[delay:20]][[cut:5x1]]',
  '[[fail:503x1]]',
  '[[thinking]]',
  '[[finish:MAX_TOKENS]]',
];

export const costs: Scenario = {
  name: 'costs',
  promise: 'Every call is in the ledger once, at what the vendor counted or marked as an estimate',
  async run(stage, counts) {
    const kills = counts(200, 20, 2);
    const questions = counts(10_000, 600, 60);
    const api = await stage.start('api');
    const fleet = Array.from({ length: counts(3, 3, 2) });
    const workers = await Promise.all(fleet.map(() => stage.start('worker')));
    const crowd = await signInUsers(api.url, counts(18, 18, 6), 0);
    const plan = { left: 0, done: false };
    const asked = Promise.all(crowd.map((person) => askAndCancel(person, api.url, plan)));
    for (let kill = 0; kill < kills; kill++) {
      plan.left += Math.ceil(questions / kills);
      await randomPause(1500);
      const victim = anyOf(workers);
      await victim.kill('SIGKILL');
      await victim.start();
    }
    // Some were not accepted.
    plan.left = Infinity;
    while ((await countReplies(stage)) < questions) await pause(500);
    plan.done = true;
    await asked;
    const unfinished = await settled(stage.sql, settleMs);
    return {
      ...(await compare(stage)),
      lost: unfinished,
      faults: kills,
      shorter: lessThan(10_000, questions, 'replies'),
    };
  },
};

/** `left` is how many questions all may still ask. It grows with each kill, so that the questions are spread over the kills. */
interface Plan {
  left: number;
  done: boolean;
}

/** Asks one question after the other, and cancels some of the replies. */
async function askAndCancel({ token, client }: Person, url: string, plan: Plan): Promise<void> {
  let room = 0;
  for (let turn = 0; ; turn++) {
    while (plan.left === 0 && !plan.done) await pause(50);
    if (plan.done) return;
    plan.left -= 1;
    if (turn % questionsInRoom === 0) room = await client.room().catch(() => room);
    const body = { content: `${randomUUID()} ${anyOf(behaviours)}` };
    const answer = await exchange('POST', `${url}/chatroom/${room}/message`, { token, body });
    await randomPause(600);
    if (answer?.status !== 202 || turn % 7 !== 3) continue;
    await exchange('POST', `${url}/chatroom/${room}/messages/${answer.body.reply.id}/cancel`, { token });
  }
}

async function countReplies({ sql }: Stage): Promise<number> {
  const [row] = await sql<{ count: number }>(`select count(*)::int as count from replies`);
  return row!.count;
}

interface Entry {
  readonly question: string;
  readonly epoch: number;
  readonly attempt: number | null;
  readonly prompt: number;
  readonly answer: number;
  readonly cost: number;
  readonly estimate: boolean;
}

/** Dollars for a million tokens: 0.30 read, 2.50 written. */
const costOf = (prompt: number, answer: number) => Math.floor((prompt * 3 + answer * 25 + 5) / 10);

async function compare({ sql, fake }: Stage) {
  const rows = await sql<Entry>(`select q.content as question, r.epoch, e.attempt, e.prompt_tokens as prompt,
      e.answer_tokens as answer, e.cost_micros::int as cost, e.is_estimate as estimate
    from replies r join messages q on q.id = r.question_id
      left join usage_entries e on e.message_id = r.message_id and e.purpose = 'reply'`);
  const calls = Map.groupBy(await fake.calls(), ({ question }) => question);
  const found = { doubled: 0, broken: [] as string[], counted: 0, estimates: 0, micros: 0, operations: 0 };
  for (const [question, entries] of Map.groupBy(rows, (row) => row.question)) {
    found.operations += 1;
    const made = entries.filter(({ attempt }) => attempt !== null);
    found.doubled += made.length - new Set(made.map(({ attempt }) => attempt)).size;
    found.broken.push(...faultsOf(entries[0]!.epoch, made, calls.get(question) ?? []));
    found.estimates += made.filter(({ estimate }) => estimate).length;
    for (const { estimate, cost } of made)
      if (!estimate) [found.counted, found.micros] = [found.counted + 1, found.micros + cost];
  }
  const { counted, estimates, micros, ...rest } = found;
  return {
    ...rest,
    worstRecoverySeconds: null,
    note: `${counted} calls as counted, $${(micros / 1e6).toFixed(6)}, equal to the vendor's; ${estimates} estimates apart`,
  };
}

/** How the entries of a reply differ from the calls that the vendor received. */
function faultsOf(attempts: number, entries: readonly Entry[], calls: readonly CountedCall[]): string[] {
  const reported = calls.flatMap((call) => (call.reported === null ? [] : [call.reported]));
  const counted = entries.filter(({ estimate }) => !estimate);
  const faults: string[] = [];
  for (const { prompt, answer, cost } of entries) {
    if (cost !== costOf(prompt, answer)) faults.push(`a call of ${prompt} + ${answer} tokens was entered at ${cost}`);
  }
  for (const { prompt, answer } of counted) {
    const at = reported.findIndex((one) => one.prompt === prompt && one.answer === answer);
    if (at === -1) faults.push(`an entry of ${prompt} + ${answer} tokens, which the vendor did not count`);
    else reported.splice(at, 1);
  }
  // A worker that was killed, or stopped, after the vendor had counted left an estimate.
  if (reported.length > entries.length - counted.length) faults.push('a call that the vendor counted is not entered');
  const refusals = calls.filter(({ refused }) => refused).length;
  if (entries.length < attempts - refusals) faults.push(`${attempts} attempts, ${entries.length} entries`);
  return faults;
}
