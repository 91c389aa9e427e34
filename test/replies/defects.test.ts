/** Unexpected exceptions while a reply is generated: failed and refunded without a retry, and logged. */
import { pino } from 'pino';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { modelsOf } from '../../server/models/models.ts';
import { describeError } from '../../server/process/log.ts';
import { textOf, type Model } from '../../server/ports/model.ts';
import { signIn, type Client } from '../client.ts';
import { anyPlace, startProduct, type Place, type RunningProduct } from '../harness.ts';
import { sqlOf } from '../sql.ts';

/** A model with a bug. */
const asked: string[] = [];
const model: Model = {
  id: 'broken',
  contextTokens: 32_000,
  async *stream({ turns }) {
    const question = textOf(turns.at(-1)!);
    asked.push(question);
    if (question === 'At once') (undefined as unknown as string[]).map(String);
    yield { type: 'text', text: 'A beginning' };
    if (question === 'Half-way') throw new RangeError('Invalid array length');
    yield { type: 'end', truncated: false };
  },
};

interface Line {
  readonly level: string;
  readonly msg: string;
  readonly reply_id?: number;
  readonly err?: { readonly type: string; readonly stack: string };
}

let place: Place;
let running: RunningProduct;
let user: Client;
const lines: Line[] = [];

beforeAll(async () => {
  place = await anyPlace();
  const formatters = { level: (label: string) => ({ level: label }) };
  const log = pino(
    { formatters, serializers: { err: describeError } },
    { write: (line: string) => void lines.push(JSON.parse(line)) },
  );
  running = await startProduct(place, { overrides: { models: modelsOf([model]) }, log });
});
afterAll(async () => {
  await running[Symbol.asyncDispose]();
  await place[Symbol.asyncDispose]();
});
beforeEach(async () => {
  user = await signIn(running.url);
});

/** Asks, checks the failure, and returns the logged error. */
async function expectDefect(question: string) {
  const roomId = await user.room();
  const { body } = await user.ask(roomId, question);
  const reply = await user.waitForReply(roomId);
  expect(reply).toMatchObject({ status: 'failed', code: 'internal_error', attempt: 1 });
  expect(reply.content).toMatch(/not counted/);
  expect((await user.call('GET', '/user/me')).body.daily_message_count).toBe(0);
  expect(asked.filter((one) => one === question)).toHaveLength(1);
  const errors = lines.filter(({ level, reply_id }) => level === 'error' && reply_id === body.reply.id);
  expect(errors).toHaveLength(1);
  return errors[0]!.err!;
}

it.each([
  ['At once', 'TypeError'],
  ['Half-way', 'RangeError'],
])('a bug in a part: %s', async (question, type) => {
  const error = await expectDefect(question);
  expect(error).toMatchObject({ type, stack: expect.stringContaining('defects.test.ts') });
});

it('an outcome that the database always refuses', async () => {
  const sql = sqlOf(running);
  await sql(`create function refuse() returns trigger language plpgsql as $$ begin raise exception 'no'; end $$`);
  await sql(
    `create trigger refuse before update on replies for each row when (new.status = 'complete') execute function refuse()`,
  );
  expect(await expectDefect('Finished')).toMatchObject({ stack: expect.stringContaining('finishReply') });
  await sql(`drop trigger refuse on replies`);
});
