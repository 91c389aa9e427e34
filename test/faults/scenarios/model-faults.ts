/** Deadline: with every fault of the vendor, replies end in time and the number of calls is bounded. */
import { answerText } from '../../fakes/gemini-behaviour.ts';
import { signInUsers } from '../crowd.ts';
import { audit, openLedger, settled } from '../ledger.ts';
import type { Outcome, Scenario } from '../scenario.ts';
import type { Stage } from '../stage.ts';

/** Instead of 5 minutes, to shorten the run. All waits of the product depend on it. */
const timeoutSeconds = 12;
/** The sweep runs once a second. */
const slackSeconds = 3;

interface Case {
  /** The behaviour of the fake that the question requests. */
  readonly does: string;
  readonly becomes: 'complete' | 'cut short' | `failed ${string}`;
  /** It keeps failing: the deadline may also pass while the last retry waits. */
  readonly forEver?: true;
  /** Fewest and most calls of the model. */
  readonly calls: readonly [number, number];
  /** The expected text, if it is not the usual answer. */
  readonly text?: string;
}

const once = [1, 1] as const;
const twice = [2, 2] as const;
/** As often as the backoff allows before the deadline. */
const repeatedly = [3, 5] as const;

const cases: readonly Case[] = [
  { does: '', becomes: 'complete', calls: once },
  { does: '[[first:3000]]', becomes: 'complete', calls: once },
  { does: '[[delay:300]]', becomes: 'complete', calls: once },
  { does: '[[thinking]]', becomes: 'complete', calls: once, text: 'Thought over.' },
  { does: '[[surrogates]]', becomes: 'complete', calls: once, text: 'grin \u{1f600} done' },
  { does: '[[finish:MAX_TOKENS]]', becomes: 'cut short', calls: once },
  { does: '[[fail:500x1]]', becomes: 'complete', calls: twice },
  { does: '[[fail:503x2]]', becomes: 'complete', calls: [3, 3] },
  { does: '[[cut:3x1]]', becomes: 'complete', calls: twice },
  { does: '[[reset:3x1]]', becomes: 'complete', calls: twice },
  { does: '[[reset:0x1]]', becomes: 'complete', calls: twice },
  { does: '[[end:3x1]]', becomes: 'complete', calls: twice },
  { does: '[[half:3x1]]', becomes: 'complete', calls: twice },
  { does: '[[malformed:3x1]]', becomes: 'complete', calls: twice },
  { does: '[[error:3x1]]', becomes: 'complete', calls: twice },
  { does: '[[emptyx1]]', becomes: 'complete', calls: twice },
  { does: '[[empty]]', becomes: 'failed empty_answer', calls: repeatedly, forEver: true },
  { does: '[[fail:503]]', becomes: 'failed model_unavailable', calls: repeatedly, forEver: true },
  { does: '[[cut:2]]', becomes: 'failed model_unavailable', calls: repeatedly, forEver: true },
  { does: '[[fail:400]]', becomes: 'failed request_refused', calls: once },
  { does: '[[fail:403]]', becomes: 'failed model_misconfigured', calls: once },
  { does: '[[badkey]]', becomes: 'failed model_misconfigured', calls: once },
  { does: '[[block]]', becomes: 'failed safety_blocked', calls: once },
  { does: '[[finish:SAFETY]]', becomes: 'failed safety_blocked', calls: once },
  { does: '[[first:60000]]', becomes: 'failed timed_out', calls: once },
  { does: '[[hang:3]]', becomes: 'failed timed_out', calls: once },
  { does: '[[drip:500]]', becomes: 'failed timed_out', calls: once },
];

export const modelFaults: Scenario = {
  name: 'deadline',
  promise: 'With any fault of the model, every reply ends in time and calls are bounded',
  async run(stage, counts) {
    const rounds = counts(6, 2, 1);
    const settings = { REPLY_TIMEOUT_SECONDS: String(timeoutSeconds) };
    const [api] = await Promise.all([stage.start('api'), stage.start('worker', settings)]);
    const people = await signInUsers(api.url, cases.length, 1);
    const ledger = openLedger();
    const broken: string[] = [];
    let unfinished = 0;
    for (let round = 0; round < rounds; round++) {
      const asked = await Promise.all(
        cases.map(async (one, index) => {
          const content = `${round}/${index}: What now? ${one.does}`;
          const { client, rooms } = people[index]!;
          const answer = await client.ask(rooms[0]!, content);
          ledger.accept(content, answer.body);
          return { one, content, replyId: answer.body.reply.id as number };
        }),
      );
      unfinished += await settled(stage.sql, (timeoutSeconds + slackSeconds + 10) * 1000);
      const calls = await callsByQuestion(stage);
      for (const { one, content, replyId } of asked) {
        broken.push(...(await judge(stage, one, content, replyId, calls.get(content) ?? 0)));
      }
      await stage.fake.clear();
    }
    const found = await audit(stage.sql, ledger);
    return {
      faults: rounds * cases.filter(({ does }) => does !== '').length,
      operations: ledger.acceptances.length,
      lost: found.lost + unfinished,
      doubled: found.doubled,
      worstRecoverySeconds: null,
      broken: [...found.broken, ...broken],
      note: `${cases.length} behaviours, each call counted; time limit ${timeoutSeconds} s instead of 300 s; slowest end ${await slowestEnd(stage)} s`,
    } satisfies Outcome;
  },
};

async function callsByQuestion({ fake }: Stage): Promise<Map<string, number>> {
  const calls = new Map<string, number>();
  for (const { question } of await fake.requests()) calls.set(question, (calls.get(question) ?? 0) + 1);
  return calls;
}

interface ReplyRow {
  readonly status: string;
  readonly code: string | null;
  readonly content: string;
  readonly truncated: boolean;
}

async function judge({ sql }: Stage, one: Case, content: string, replyId: number, calls: number): Promise<string[]> {
  const columns = 'status, code, content, truncated';
  const [row] = await sql<ReplyRow>(`select ${columns} from replies join messages on id = message_id where id = $1`, [
    replyId,
  ]);
  const became = outcomeOf(row!);
  const wrong: string[] = [];
  const outOfTime = one.forEver && became === 'failed timed_out';
  if (became !== one.becomes && !outOfTime) wrong.push(`${one.does} became ${became}, not ${one.becomes}`);
  const [fewest, most] = one.calls;
  if (calls < fewest || calls > most) wrong.push(`${one.does} took ${calls} calls, not ${fewest} to ${most}`);
  const text = one.text ?? answerText(content);
  if (became === 'complete' && row!.content !== text) wrong.push(`${one.does} stored another text than was sent`);
  return wrong;
}

function outcomeOf({ status, code, truncated }: ReplyRow): string {
  if (status === 'failed') return `failed ${code}`;
  return truncated ? 'cut short' : status;
}

async function slowestEnd({ sql }: Stage): Promise<string> {
  const [row] = await sql<{ seconds: number }>(
    `select max(extract(epoch from finished_at - created_at))::float8 as seconds
     from replies join messages on id = message_id`,
  );
  return row!.seconds.toFixed(1);
}
