/** The suite of the model port, for Gemini and the demo model. */
import { getEventListeners } from 'node:events';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { demoModel } from '../../server/adapters/model/demo.ts';
import { geminiModel } from '../../server/adapters/model/gemini.ts';
import { questionPrompt, textTurn, type Model } from '../../server/ports/model.ts';
import { startFakeGemini, type FakeGemini } from '../fakes/gemini.ts';
import { startFakeOpenAi, type FakeOpenAi } from '../fakes/openai.ts';
import { openAiAt } from './openai-under-test.ts';
import { readAnswer, rejectionOf } from './read-model.ts';

let fake: FakeGemini;
let server: FakeOpenAi;

beforeAll(async () => {
  const usual = { kind: 'answer', chunks: 12, delayMs: 5 } as const;
  fake = await startFakeGemini({ usual });
  server = await startFakeOpenAi({ usual });
});

afterAll(async () => {
  await fake[Symbol.asyncDispose]();
  await server[Symbol.asyncDispose]();
});

const makers: Record<string, () => Model> = {
  gemini: () =>
    geminiModel({
      apiKey: 'test-key',
      id: 'fast',
      contextTokens: 32_000,
      model: 'gemini-3.5-flash-lite',
      baseUrl: fake.url,
      firstByteTimeoutMs: 10_000,
      idleTimeoutMs: 10_000,
      maxOutputTokens: 8192,
      thinkingLevel: null,
    }),
  openai: () => openAiAt(server),
  demo: () => demoModel({ delayMs: 1 }),
};

describe.each(Object.entries(makers))('the %s model', (_name, make) => {
  it('has an id', () => {
    expect(make().id).toMatch(/^[a-z\d.-]+$/);
  });

  it('streams several text parts, then one end part', async () => {
    const answer = await readAnswer(make(), 'What is the tallest mountain in Africa?');
    expect(answer.texts.length).toBeGreaterThan(5);
    expect(answer.text).toContain('What is the tallest mountain in Africa?');
    expect(answer.end).toMatchObject({ type: 'end', truncated: false });
  });

  it('accepts a conversation, also with two successive turns of one side', async () => {
    const turns = [
      textTurn('user', 'One'),
      textTurn('user', 'Two'),
      textTurn('model', 'Three'),
      textTurn('user', 'Fourth turn'),
    ];
    const answer = await readAnswer(make(), { instructions: 'Be brief.', turns });
    expect(answer.text).toContain('Fourth turn');
  });

  it('keeps streams apart', async () => {
    const model = make();
    const questions = Array.from({ length: 10 }, (_, index) => `Question number ${index} of ten`);
    const answers = await Promise.all(questions.map((question) => readAnswer(model, question)));
    for (const [index, answer] of answers.entries()) {
      expect(answer.text).toContain(questions[index]);
    }
  });

  it('throws the reason at once when aborted before', async () => {
    const reason = new Error('not wanted');
    expect(await rejectionOf(readAnswer(make(), 'Never asked', AbortSignal.abort(reason)))).toBe(reason);
    const asked = [...fake.requests(), ...server.requests()];
    expect(asked.some((request) => request.question === 'Never asked')).toBe(false);
  });

  it('throws the reason when aborted while waiting', async () => {
    const controller = new AbortController();
    const stream = make().stream(questionPrompt('Hello [[first:60000]]'), controller.signal);
    const first = stream[Symbol.asyncIterator]().next();
    const reason = new Error('changed my mind');
    controller.abort(reason);
    expect(await rejectionOf(first)).toBe(reason);
  });

  it('throws the reason when aborted between two parts, and yields nothing more', async () => {
    const controller = new AbortController();
    const reason = new Error('stopped by the reader');
    const parts: unknown[] = [];
    const reading = (async () => {
      for await (const part of make().stream(questionPrompt('Hello'), controller.signal)) {
        parts.push(part);
        if (parts.length === 3) controller.abort(reason);
      }
    })();
    expect(await rejectionOf(reading)).toBe(reason);
    expect(parts).toHaveLength(3);
  });

  it('leaves no listener on a long-lived signal', async () => {
    const { signal } = new AbortController();
    const model = make();
    await readAnswer(model, 'Once', signal);
    for await (const part of model.stream(questionPrompt('Left early'), signal)) {
      if (part.type === 'text') break;
    }
    expect(getEventListeners(signal, 'abort')).toHaveLength(0);
  });
});

describe('the demo model', () => {
  it('says what it is and how to configure a real one', async () => {
    const { text } = await readAnswer(demoModel({ delayMs: 0 }), 'Hi');
    expect(text).toContain('demo model');
    expect(text).toContain('GEMINI_API_KEY');
  });

  it('shows code when asked for code, and varies otherwise', async () => {
    const model = demoModel({ delayMs: 0 });
    expect((await readAnswer(model, 'Write a function')).text).toContain('```ts');
    const answers = await Promise.all(['a', 'b', 'c'].map((question) => readAnswer(model, question)));
    expect(new Set(answers.map(({ text }) => text.length)).size).toBe(3);
  });

  it('quotes only the beginning, escaped for Markdown', async () => {
    const { text } = await readAnswer(demoModel({ delayMs: 0 }), `<b>\n\n# ${'😀'.repeat(200)}`);
    expect(text).toContain(String.raw`> \<b\> \# 😀`);
    expect(text).toContain('😀…');
  });
});
