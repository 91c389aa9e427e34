/** Requests, answers and failures of servers in OpenAI's protocol, over the real SDK against a fake that speaks it. */
import OpenAI from 'openai';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { questionPrompt, textTurn } from '../../server/ports/model.ts';
import { answerText, type Behaviour } from '../fakes/gemini-behaviour.ts';
import { startFakeOpenAi, type FakeOpenAi } from '../fakes/openai.ts';
import { openAiAt } from './openai-under-test.ts';
import { readAnswer, rejectionOf } from './read-model.ts';

let fake: FakeOpenAi;
beforeAll(async () => {
  fake = await startFakeOpenAi();
});
afterEach(() => {
  vi.unstubAllEnvs();
  fake.know(null);
});
afterAll(() => fake[Symbol.asyncDispose]());

const last = () => fake.requests().at(-1)!;

describe('the names of a model', () => {
  const { signal } = new AbortController();

  it.each<[string[] | null, string[]]>([
    [['llama3.2'], []],
    [['llama3.2:latest', 'other'], []],
    [['llama3.1'], ['llama3.2']],
    // A server that lists nothing.
    [null, []],
  ])('by the list %j are unknown: %j', async (names, expected) => {
    fake.know(names);
    expect(await openAiAt(fake).unknownNames!(signal)).toEqual(expected);
  });

  it('are not judged while the server is away', async () => {
    const away = openAiAt({ url: 'http://127.0.0.1:9/v1' });
    await expect(away.unknownNames!(signal)).rejects.toMatchObject({ code: 'model_unavailable' });
  });
});

describe('the fake', () => {
  it('answers the unchanged SDK', async () => {
    const client = new OpenAI({ baseURL: fake.url, apiKey: 'any' });
    const stream = await client.chat.completions.create({
      model: 'llama3.2',
      messages: [{ role: 'user', content: 'Honest?' }],
      stream: true,
      stream_options: { include_usage: true },
    });
    let text = '';
    let usage: OpenAI.CompletionUsage | null | undefined = null;
    for await (const chunk of stream) {
      text += chunk.choices[0]?.delta.content ?? '';
      usage = chunk.usage ?? usage;
    }
    expect(text).toBe(answerText('Honest?'));
    expect(usage).toMatchObject(last().reported!);
  });
});

describe('a request', () => {
  it('contains instructions, conversation and limit, requests the usage, and has no key if none is set', async () => {
    const turns = [textTurn('user', 'One'), textTurn('model', ''), textTurn('model', 'Two'), textTurn('user', 'Three')];
    await readAnswer(openAiAt(fake), { instructions: 'Be brief.', turns, maxAnswerTokens: 100 });
    expect(last()).toMatchObject({ path: '/v1/chat/completions', authorization: null });
    expect(last().body).toEqual({
      model: 'llama3.2',
      messages: [
        { role: 'system', content: 'Be brief.' },
        { role: 'user', content: 'One' },
        { role: 'assistant', content: 'Two' },
        { role: 'user', content: 'Three' },
      ],
      stream: true,
      stream_options: { include_usage: true },
      max_tokens: 100,
    });
  });

  it('contains the configured key, regardless of the environment', async () => {
    for (const name of ['OPENAI_API_KEY', 'OPENAI_ORG_ID', 'OPENAI_PROJECT_ID']) vi.stubEnv(name, 'wrong');
    vi.stubEnv('OPENAI_BASE_URL', 'http://127.0.0.1:1');
    await readAnswer(openAiAt(fake, { apiKey: 'sk-ours' }), 'Hello');
    expect(last().authorization).toBe('Bearer sk-ours');
  });
});

describe('an answer', () => {
  it('is complete, with its usage', async () => {
    const answer = await readAnswer(openAiAt(fake), 'Why?');
    expect(answer.text).toBe(answerText('Why?'));
    expect(answer.end).toEqual({ type: 'end', truncated: false });
    const { prompt_tokens: promptTokens, completion_tokens: answerTokens } = last().reported!;
    const nothing = { cachedTokens: 0, audioTokens: 0, thinkingTokens: 0 };
    expect(answer.usage).toEqual({ ...nothing, promptTokens, answerTokens });
  });

  it('is marked when it was cut at the limit', async () => {
    expect((await readAnswer(openAiAt(fake), 'Why? [[finish:MAX_TOKENS]]')).end.truncated).toBe(true);
  });

  it('has no thinking in its text, but in its count', async () => {
    const { text, usage } = await readAnswer(openAiAt(fake), 'Why? [[thinking]]');
    expect(text).toBe('Thought over.');
    expect(usage!.thinkingTokens).toBeGreaterThan(0);
  });
});

describe('a failure', () => {
  const failures: [string, string, object][] = [
    ['an overloaded server', '[[fail:429]]', { code: 'model_overloaded', transient: true, isRefusal: true }],
    ['a server error', '[[fail:500]]', { code: 'model_unavailable', transient: true, isRefusal: true }],
    ['a wrong key', '[[fail:401]]', { code: 'model_misconfigured', transient: false }],
    ['no credit', '[[fail:402]]', { code: 'model_misconfigured', transient: false }],
    ['a refused request', '[[fail:400]]', { code: 'request_refused', transient: false }],
    ['a blocked prompt', '[[block:X]]', { code: 'safety_blocked', transient: false }],
    ['a blocked answer', '[[finish:SAFETY]]', { code: 'safety_blocked', transient: false, isRefusal: false }],
    ['an empty answer', '[[empty]]', { code: 'empty_answer', transient: true }],
    ['a stream that ends unfinished', '[[end:3]]', { code: 'model_unavailable', transient: true, isRefusal: false }],
    ['a closed connection', '[[cut:3]]', { code: 'model_unavailable', transient: true, isRefusal: false }],
    ['a connection reset at once', '[[reset:0]]', { code: 'model_unavailable', transient: true, isRefusal: false }],
    ['an event that is no JSON', '[[malformed:3]]', { code: 'model_unavailable', transient: true }],
    ['half an event', '[[half:3]]', { code: 'model_unavailable', transient: true }],
    ['an error as an event', '[[error:3]]', { code: 'model_unavailable', transient: true, isRefusal: false }],
  ];
  it.each(failures)('%s', async (_name, sentinel, expected) => {
    expect(await rejectionOf(readAnswer(openAiAt(fake), `Why? ${sentinel}`))).toMatchObject(expected);
  });

  it('of a model that the server does not know', async () => {
    fake.know(['other']);
    const failure = await rejectionOf(readAnswer(openAiAt(fake), 'Hello'));
    expect(failure).toMatchObject({ code: 'model_not_found', transient: false });
  });

  it('has the Retry-After of the server, and no text of its answer', async () => {
    const busy: Behaviour = { kind: 'error', status: 429, retryAfter: '7', reason: 'rate_limit_exceeded' };
    fake.next(busy);
    const failure = await rejectionOf(readAnswer(openAiAt(fake), 'Hello'));
    expect(failure).toMatchObject({ retryAfterMs: 7000, message: 'The model server answered 429 rate_limit_exceeded' });
    fake.next({ kind: 'error', status: 429, reason: 'insufficient_quota' });
    expect(await rejectionOf(readAnswer(openAiAt(fake), 'Hello'))).toMatchObject({ code: 'model_misconfigured' });
  });

  it('of a server that does not listen', async () => {
    const failure = await rejectionOf(readAnswer(openAiAt({ url: 'http://127.0.0.1:1/v1' }), 'Hello'));
    expect(failure).toMatchObject({ code: 'model_unavailable', transient: true });
  });

  it('of a server that does not answer, before its first chunk and between two', async () => {
    const impatient = openAiAt(fake, { firstByteTimeoutMs: 100, idleTimeoutMs: 100 });
    for (const sentinel of ['[[first:60000]]', '[[hang:3]]']) {
      const failure = await rejectionOf(readAnswer(impatient, `Why? ${sentinel}`));
      expect(failure).toMatchObject({ code: 'model_unavailable', message: 'The model server was silent for 100 ms' });
    }
  });

  it('of the reader closes the connection', async () => {
    for await (const part of openAiAt(fake).stream(questionPrompt('Leave [[drip:5]]'), new AbortController().signal)) {
      if (part.type === 'text') break;
    }
    await expect.poll(() => last().closedByClient).toBe(true);
  });
});
