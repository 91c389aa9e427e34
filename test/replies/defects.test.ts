/** Unexpected exceptions while a reply is generated: failed and refunded without a retry, and logged. */
import { pino } from 'pino';
import { expect } from 'vitest';
import { modelsOf } from '../../server/models/models.ts';
import { describeError } from '../../server/process/log.ts';
import { textOf, type Model } from '../../server/ports/model.ts';
import type { Client } from '../client.ts';
import { productTest } from '../fixtures.ts';

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

const lines: Line[] = [];
const log = pino(
  { formatters: { level: (label) => ({ level: label }) }, serializers: { err: describeError } },
  { write: (line: string) => void lines.push(JSON.parse(line)) },
);

const it = productTest({ overrides: { models: modelsOf([model]) }, log });

/** Asks, checks the failure, and returns the logged error. */
async function expectDefect(user: Client, question: string) {
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

it.for([
  ['At once', 'TypeError'],
  ['Half-way', 'RangeError'],
] as const)('a bug in a part: %s', async ([question, type], { user }) => {
  const error = await expectDefect(user, question);
  expect(error).toMatchObject({ type, stack: expect.stringContaining('defects.test.ts') });
});

it('an outcome that the database always refuses', async ({ sql, user }) => {
  await sql(`create function refuse() returns trigger language plpgsql as $$ begin raise exception 'no'; end $$`);
  await sql(
    `create trigger refuse before update on replies for each row when (new.status = 'complete') execute function refuse()`,
  );
  expect(await expectDefect(user, 'Finished')).toMatchObject({ stack: expect.stringContaining('finishReply') });
  await sql(`drop trigger refuse on replies`);
});
