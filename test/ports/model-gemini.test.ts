/** Gemini's requests and answers, with the real SDK and a fake that speaks its protocol. */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import type { GeminiSettings } from '../../server/adapters/model/gemini.ts';
import { questionPrompt, textTurn } from '../../server/ports/model.ts';
import { answerText, type AnswerBehaviour, type Behaviour } from '../fakes/gemini-behaviour.ts';
import { startFakeGemini, type FakeGemini } from '../fakes/gemini.ts';
import { apiKey, geminiAt } from './gemini-under-test.ts';
import { readAnswer, rejectionOf } from './read-model.ts';

let fake: FakeGemini;

beforeAll(async () => {
  fake = await startFakeGemini({ apiKey });
});
beforeEach(() => fake.clear());
afterEach(() => vi.unstubAllEnvs());
afterAll(() => fake[Symbol.asyncDispose]());

const model = (changes: Partial<GeminiSettings> = {}) => geminiAt(fake, changes);

describe('a request', () => {
  it('contains the conversation, the key and the limit, and nothing else', async () => {
    const turns = [textTurn('user', 'One'), textTurn('model', ''), textTurn('user', 'Two')];
    await readAnswer(model({ maxOutputTokens: 100 }), { instructions: null, turns });
    expect(fake.requests()).toMatchObject([
      {
        path: '/v1beta/models/gemini-3.5-flash-lite:streamGenerateContent?alt=sse',
        keyPresent: true,
        contents: [
          { role: 'user', parts: [{ text: 'One' }] },
          { role: 'user', parts: [{ text: 'Two' }] },
        ],
        system: null,
        config: { maxOutputTokens: 100 },
      },
    ]);
  });

  it('contains the thinking level of the catalog for the third generation only', async () => {
    for (const name of ['gemini-3.5-flash-lite', 'gemini-flash-latest', 'gemini-2.5-flash-lite']) {
      await readAnswer(model({ model: name, thinkingLevel: 'low' }), 'Hello');
    }
    expect(fake.requests().map(({ config }) => config.thinkingConfig)).toEqual([
      { thinkingLevel: 'LOW' },
      { thinkingLevel: 'LOW' },
      undefined,
    ]);
  });

  it('for the names that are not known generates nothing', async () => {
    const { signal } = new AbortController();
    expect(await model().unknownNames!(signal)).toEqual([]);
    expect(await model({ model: 'palm-2' }).unknownNames!(signal)).toEqual(['palm-2']);
    await expect(model({ baseUrl: 'http://127.0.0.1:9' }).unknownNames!(signal)).rejects.toMatchObject({
      code: 'model_unavailable',
    });
    expect(fake.requests()).toEqual([]);
  });

  it('contains instructions for the system role, and a limit below that of the model', async () => {
    const { turns } = questionPrompt('One');
    const small = model({ maxOutputTokens: 100 });
    await readAnswer(small, { instructions: 'Be brief.', turns, maxAnswerTokens: 20 });
    await readAnswer(small, { instructions: null, turns, maxAnswerTokens: 200 });
    expect(fake.requests()).toMatchObject([
      { system: 'Be brief.', config: { maxOutputTokens: 20 } },
      { system: null, config: { maxOutputTokens: 100 } },
    ]);
  });

  it.each(['gemini-3.5-flash-lite', 'gemini-3.5-flash', 'gemini-2.5-flash', 'gemini-2.5-flash-lite'])(
    'requests no thinking of %s, in the form of its generation',
    async (name) => {
      expect((await readAnswer(model({ model: name }), 'Hello')).text).toBe(answerText('Hello'));
      expect(fake.requests().map(({ model: asked, config }) => [asked, config])).toEqual([
        [name, { maxOutputTokens: 8192 }],
      ]);
    },
  );

  it('reuses the connection', async () => {
    await readAnswer(model(), 'One');
    const { connections } = fake.stats();
    await readAnswer(model(), 'Two');
    await readAnswer(model(), 'Three');
    expect(fake.stats().connections).toBe(connections);
  });

  it('ignores variables in the environment', async () => {
    for (const name of ['GOOGLE_API_KEY', 'GOOGLE_CLOUD_PROJECT', 'GOOGLE_CLOUD_LOCATION']) {
      vi.stubEnv(name, 'wrong');
    }
    for (const name of ['GOOGLE_GEMINI_BASE_URL', 'GOOGLE_VERTEX_BASE_URL']) vi.stubEnv(name, 'http://127.0.0.1:1');
    for (const name of ['GOOGLE_GENAI_USE_VERTEXAI', 'GOOGLE_GENAI_USE_ENTERPRISE']) vi.stubEnv(name, 'true');
    vi.stubEnv('GOOGLE_GENAI_API_VERSION', 'v9');
    expect((await readAnswer(model(), 'Hello')).text).toBe(answerText('Hello'));

    const seen: unknown[] = [];
    vi.stubGlobal('fetch', (url: unknown) => {
      seen.push(url);
      return Promise.resolve(new Response(null, { status: 503 }));
    });
    await rejectionOf(readAnswer(model({ baseUrl: null }), 'Hello')).finally(() => vi.unstubAllGlobals());
    expect(seen).toEqual([
      'https://generativelanguage.googleapis.com/v1beta/models/gemini-3.5-flash-lite:streamGenerateContent?alt=sse',
    ]);
  });

  it.each([
    [{ apiKey: 'two words' }, 'GEMINI_API_KEY'],
    [{ model: '' }, 'GEMINI_MODEL'],
  ])('refuses settings that cannot be sent: %o', (changes, variable) => {
    expect(() => model(changes)).toThrow(variable);
  });
});

describe('an answer', () => {
  it('is complete, with its usage', async () => {
    fake.next({ kind: 'answer', chunks: 50, delayMs: 1 });
    const answer = await readAnswer(model(), 'Why?');
    expect(answer.text).toBe(answerText('Why?', 50));
    expect(answer.texts).toHaveLength(50);
    const answerTokens = Math.ceil(answer.text.length / 4);
    expect(answer.end).toEqual({ type: 'end', truncated: false });
    const nothing = { cachedTokens: 0, audioTokens: 0, thinkingTokens: 0 };
    expect(answer.usage).toEqual({ ...nothing, promptTokens: 1, answerTokens });
  });

  const texts: [string, AnswerBehaviour['parts'], string][] = [
    ['thinking is skipped', [{ text: 'Hm.', thought: true }, { text: 'Yes' }], 'Yes'],
    ['NUL is dropped', [{ text: 'a\0b' }, { text: '\0' }, { text: 'c' }], 'abc'],
    ['a split pair is joined', [{ text: 'a\ud83d' }, { text: '\ude00b' }], 'a😀b'],
    ['half a pair is replaced', [{ text: 'a\ude00' }, { text: 'b\ud83d' }], 'a\ufffdb\ufffd'],
    ['parts without text are skipped', [{}, { text: 'x' }, {}], 'x'],
  ];
  it.each(texts)('%s', async (_name, parts, expected) => {
    fake.next({ kind: 'answer', parts, delayMs: 1 });
    expect((await readAnswer(model(), 'Hello')).text).toBe(expected);
  });

  it.each(['MAX_TOKENS', 'OTHER', 'LANGUAGE', 'CONTINUATION', 'SOMETHING_NEW'])('%s keeps the text', async (finish) => {
    fake.next({ kind: 'answer', chunks: 3, finish });
    const answer = await readAnswer(model(), 'Hello');
    expect(answer.text).toBe(answerText('Hello', 3));
    expect(answer.end.truncated).toBe(true);
    expect(fake.requests()).toHaveLength(1);
  });

  it('is never continued by a second call', async () => {
    fake.next({ kind: 'answer', chunks: 3, finish: 'CONTINUATION', continuationToken: 'dG9rZW4=' });
    expect((await readAnswer(model(), 'Hello')).end.truncated).toBe(true);
    fake.next({ kind: 'answer', continuationToken: 'dG9rZW4=', broken: { chunks: 3, how: 'cut' } });
    expect(await rejectionOf(readAnswer(model(), 'Hello'))).toMatchObject({ code: 'model_unavailable' });
    expect(fake.requests()).toHaveLength(2);
  });

  it('is complete once the model stopped, even if the stream hangs afterwards', async () => {
    fake.next({ kind: 'answer', chunks: 3, broken: { chunks: 3, how: 'hang' } });
    const answer = await readAnswer(model(), 'Hello');
    expect(answer.text).toBe(answerText('Hello', 3));
    await vi.waitFor(() => expect(fake.requests()[0]?.closedByClient).toBe(true));
  });
});

describe('the connection', () => {
  const endless: Behaviour = { kind: 'answer', chunks: 10_000, delayMs: 5 };

  it.each([
    ['before the first chunk', { kind: 'answer', firstDelayMs: 60_000 }, 0],
    ['in the middle', endless, 3],
  ] as const)('closes when the caller aborts %s', async (_name, behaviour, after) => {
    fake.next(behaviour);
    const controller = new AbortController();
    const reading = rejectionOf(readAnswer(model(), 'Stop me', controller.signal));
    await vi.waitFor(() => expect(fake.requests()[0]?.chunksSent).toBeGreaterThanOrEqual(after));
    const reason = new Error('enough');
    controller.abort(reason);
    expect(await reading).toBe(reason);
    await vi.waitFor(() => expect(fake.requests()).toMatchObject([{ closedByClient: true }]));
    expect(fake.stats().open).toBe(0);
  });

  it('closes when the reader stops', async () => {
    fake.next(endless);
    for await (const part of model().stream(questionPrompt('Leave'), unaborted())) {
      if (part.type === 'text') break;
    }
    await vi.waitFor(() => expect(fake.requests()).toMatchObject([{ closedByClient: true }]));
  });
});

function unaborted(): AbortSignal {
  return new AbortController().signal;
}
