/** The journey of a person on a server whose only model is local: one process, no key, no vendor. */
import { afterAll, expect, it } from 'vitest';
import { connectDatabase } from '../admin/dump.ts';
import { catalogFile } from '../catalog-file.ts';
import { signIn } from '../client.ts';
import { answerText } from '../fakes/gemini-behaviour.ts';
import { startFakeOpenAi } from '../fakes/openai.ts';
import { embeddedPlace } from '../harness.ts';
import { liveReply } from '../live-reply.ts';
import { startProcess } from '../processes.ts';
import { goodCatalog } from '../start/bad-catalogs.ts';

const cleanUp = new AsyncDisposableStack();
afterAll(() => cleanUp.disposeAsync());

it('a server with a local model alone answers, live, and enters the call', { timeout: 120_000 }, async () => {
  const fake = cleanUp.use(await startFakeOpenAi({ models: ['llama3.2'] }));
  const place = cleanUp.use(await embeddedPlace());
  const local = goodCatalog.models.find(({ id }) => id === 'local')!;
  const price = { input: 0.1, output: 0.2, as_of: '2026-11-26' };
  const catalog = {
    models: [{ ...local, base_url: fake.url, candidates: ['llama3.2'], price }],
    plans: [{ ...goodCatalog.plans[0], models: ['local'] }],
  };
  const running = cleanUp.use(await startProcess({ ...place.environment, CATALOG: catalogFile(catalog) }));

  const user = await signIn(running.url);
  expect((await user.call('GET', '/models')).body).toMatchObject([
    { id: 'local', label: 'On this machine', default: true, available: true },
  ]);
  const roomId = await user.room();
  const question = 'Where are you? [[chunks:20]][[delay:30]]';
  const feed = cleanUp.use(await user.events());
  const { body } = await user.ask(roomId, question);
  await feed.next((event) => event.type === 'reply.completed' && event.message_id === body.reply.id);
  const live = liveReply(feed.received, body.reply.id);
  const reply = await user.waitForReply(roomId, { messageId: body.id });
  expect(reply).toMatchObject({ content: answerText(question, 20), model: 'local', fallback_from: null });
  expect(live).toMatchObject({ text: reply.content, resets: 0, attempt: 1 });
  expect(live.deltas).toBeGreaterThan(1);

  await running.kill();
  const db = cleanUp.use(await connectDatabase(place));
  const entries = await db.execute(
    `select model, name, prompt_tokens as prompt, answer_tokens as answer, is_estimate as estimate, cost_micros::int as cost
      from usage_entries where message_id = $1`,
    [body.reply.id],
  );
  const { prompt_tokens: prompt, completion_tokens: answer } = fake
    .requests()
    .find((one) => one.question === question)!.reported!;
  const cost = Math.floor((prompt + answer * 2 + 5) / 10);
  expect(entries).toEqual([{ model: 'local', name: 'llama3.2', prompt, answer, estimate: false, cost }]);
});
