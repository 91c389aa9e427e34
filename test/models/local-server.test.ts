/** A local model server answers without a key, through the whole product; unknown names of a model are skipped. */
import { describe, expect } from 'vitest';
import { answerText } from '../fakes/gemini-behaviour.ts';
import { startFakeOpenAi } from '../fakes/openai.ts';
import { catalogFile } from '../catalog-file.ts';
import { productTest } from '../fixtures.ts';
import { goodCatalog } from '../start/bad-catalogs.ts';

const fake = await startFakeOpenAi({ models: ['llama3.2', 'llama3.1'] });

const local = goodCatalog.models.find(({ id }) => id === 'local')!;
const [free] = goodCatalog.plans;
const catalog = {
  models: [
    {
      ...local,
      base_url: fake.url,
      candidates: ['llama3.2', 'llama3.1'],
      price: { input: 0.1, output: 0.2, as_of: '2026-11-26' },
    },
  ],
  plans: [{ ...free, daily_messages: null, models: ['local'] }],
};

const it = productTest({ environment: { CATALOG: catalogFile(catalog) } });

describe('a local server', () => {
  it('answers, names the room, and its usage is recorded', async ({ user, sql }) => {
    const { body: room } = await user.call('POST', '/chatroom', { body: {} });
    const { body } = await user.ask(room.id, 'Where are you?');
    const reply = await user.waitForReply(room.id, { messageId: body.id });
    expect(reply).toMatchObject({ content: answerText('Where are you?'), model: 'local', fallback_from: null });
    const { reported } = fake.requests().find(({ question }) => question === 'Where are you?')!;
    const entries = await sql(
      `select name, prompt_tokens as prompt, answer_tokens as answer, is_estimate as estimate, cost_micros::int as cost
        from usage_entries where message_id = $1`,
      [body.reply.id],
    );
    const { prompt_tokens: prompt, completion_tokens: answer } = reported!;
    const cost = Math.floor((prompt + answer * 2 + 5) / 10);
    expect(entries).toEqual([{ name: 'llama3.2', prompt, answer, estimate: false, cost }]);
    await expect
      .poll(async () => (await user.call('GET', `/chatroom/${room.id}`)).body.name_source, { timeout: 10_000 })
      .toBe('auto');
  });

  it('that loses its model under load fails no reply: the next name answers', async ({ user, sql }) => {
    const rooms = await Promise.all(Array.from({ length: 12 }, () => user.room()));
    const asked = await Promise.all(
      rooms.map(async (roomId, n) => {
        if (n === 6) fake.know(['llama3.1']);
        return { roomId, message: (await user.ask(roomId, `Question ${n} [[delay:5]]`)).body };
      }),
    );
    const replies = await Promise.all(
      asked.map(({ roomId, message }) => user.waitForReply(roomId, { messageId: message.id })),
    );
    expect(replies.map(({ status }) => status)).toEqual(rooms.map(() => 'complete'));
    const { body } = await user.ask(rooms[0]!, 'And now?');
    await user.waitForReply(rooms[0]!, { messageId: body.id });
    expect(await sql(`select name from usage_entries where message_id = $1`, [body.reply.id])).toEqual([
      { name: 'llama3.1' },
    ]);
  });
});
