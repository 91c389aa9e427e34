/** Failures of Gemini, with the real SDK: the resulting error, after one call, without a leak. */
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import type { GeminiSettings } from '../../server/adapters/model/gemini.ts';
import { ModelError, questionPrompt } from '../../server/ports/model.ts';
import { answerText, type Behaviour, type ErrorBehaviour } from '../fakes/gemini-behaviour.ts';
import { startFakeGemini, type FakeGemini } from '../fakes/gemini.ts';
import { apiKey, geminiAt } from './gemini-under-test.ts';
import { readAnswer, rejectionOf } from './read-model.ts';

const secret = 'my very private question';
let fake: FakeGemini;

beforeAll(async () => {
  fake = await startFakeGemini({ apiKey });
});
beforeEach(() => fake.clear());
afterAll(() => fake[Symbol.asyncDispose]());

const model = (changes: Partial<GeminiSettings> = {}) => geminiAt(fake, changes);

/** Asks once with `behaviour` and returns the error; checks that there was one call and no leak. */
async function failure(behaviour: Behaviour, changes: Partial<GeminiSettings> = {}): Promise<ModelError> {
  fake.next(behaviour);
  const error = await rejectionOf(readAnswer(model(changes), secret));
  if (!(error instanceof ModelError)) throw error;
  expect(fake.requests()).toHaveLength(1);
  expect(error.message).not.toContain(secret);
  expect(error.message).not.toContain(apiKey);
  expect(error.cause).toBeUndefined();
  return error;
}

const permanent = { transient: false, retryAfterMs: null };
const unavailable = { code: 'model_unavailable', transient: true, retryAfterMs: null };

function titleOf({ kind: _kind, message: _message, ...rest }: ErrorBehaviour): string {
  return JSON.stringify(rest);
}

const answered = (status: number, rest: Partial<ErrorBehaviour> = {}): ErrorBehaviour => ({
  kind: 'error',
  status,
  message: `no: ${secret} ${apiKey}`,
  ...rest,
});

describe('a failure', () => {
  const statuses: [ErrorBehaviour, object][] = [
    [answered(400, { message: 'Request contains an invalid argument.' }), { code: 'request_refused', ...permanent }],
    [answered(400, { reason: 'API_KEY_INVALID' }), { code: 'model_misconfigured', ...permanent }],
    [answered(400, { message: 'API key expired.' }), { code: 'model_misconfigured', ...permanent }],
    [answered(401), { code: 'model_misconfigured', ...permanent }],
    [answered(403), { code: 'model_misconfigured', ...permanent }],
    [answered(404), { code: 'model_not_found', ...permanent }],
    [answered(413), { code: 'request_refused', ...permanent }],
    [answered(408), { code: 'model_overloaded', transient: true, retryAfterMs: null }],
    [answered(429), { code: 'model_overloaded', transient: true, retryAfterMs: null }],
    [answered(429, { retryDelaySeconds: 13 }), { code: 'model_overloaded', transient: true, retryAfterMs: 13_000 }],
    [answered(429, { retryAfter: '7' }), { code: 'model_overloaded', transient: true, retryAfterMs: 7000 }],
    [answered(429, { retryDelaySeconds: 2.25, retryAfter: '7' }), { code: 'model_overloaded', retryAfterMs: 2250 }],
    [answered(429, { rawBody: '<html>' }), { code: 'model_overloaded', transient: true, retryAfterMs: null }],
    [answered(429, { rawBody: '[{"error":{"details":[{"retryDelay":"3s"}]}}]' }), { retryAfterMs: 3000 }],
    [answered(500), unavailable],
    [answered(502, { rawBody: '' }), unavailable],
    [answered(503), unavailable],
    [answered(503, { retryAfter: '5' }), { ...unavailable, retryAfterMs: 5000 }],
    [answered(504), unavailable],
  ];
  it.each(statuses.map((row) => [titleOf(row[0]), ...row] as const))('with %s', async (_title, behaviour, expected) => {
    expect(await failure(behaviour)).toMatchObject(expected);
  });

  it('accepts a date in Retry-After', async () => {
    const retryAfter = new Date(Date.now() + 60_000).toUTCString();
    const error = await failure(answered(429, { retryAfter }));
    expect(error.retryAfterMs).toBeGreaterThan(50_000);
    expect(error.retryAfterMs).toBeLessThanOrEqual(60_000);
  });

  it('by the daily quota is transient too, and names the quota', async () => {
    const quotaId = 'GenerateRequestsPerDayPerProjectPerModel-FreeTier';
    const error = await failure(answered(429, { quotaId, retryDelaySeconds: 30_000 }));
    expect(error).toMatchObject({ code: 'model_overloaded', transient: true, retryAfterMs: 30_000_000 });
    expect(error.message).toContain(`429 RESOURCE_EXHAUSTED ${quotaId}`);
  });

  it('when nothing listens on the port', async () => {
    const gone = await startFakeGemini();
    await gone[Symbol.asyncDispose]();
    const error = await rejectionOf(readAnswer(model({ baseUrl: gone.url }), secret));
    expect(error).toBeInstanceOf(ModelError);
    expect(error).toMatchObject(unavailable);
    expect((error as Error).message).toBe('The connection to Gemini failed (ECONNREFUSED)');
  });

  it('when the vendor redirects, and the key is not sent elsewhere', async () => {
    const redirector = createServer((request, response) => {
      response.writeHead(307, { location: `${fake.url}${request.url}` }).end();
    });
    redirector.listen(0, '127.0.0.1');
    await once(redirector, 'listening');
    const { port } = redirector.address() as AddressInfo;
    const error = await rejectionOf(readAnswer(model({ baseUrl: `http://127.0.0.1:${port}` }), secret));
    redirector.closeAllConnections();
    redirector.close();
    expect(error).toMatchObject(unavailable);
    expect(fake.requests()).toEqual([]);
  });

  it.each([
    '{"candidates":[{"content":{"parts":{}}}]}',
    '{"candidates":[{"content":{"parts":[null]}}]}',
    '{"candidates":[null]}',
    '{"candidates":{},"usageMetadata":"none"}',
    'null',
    '[]',
  ])('when an event is JSON of another form: %s', async (event) => {
    const server = createServer((_request, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' }).end(`data: ${event}\r\n\r\n`);
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const error = await rejectionOf(readAnswer(model({ baseUrl: `http://127.0.0.1:${port}` }), secret));
    server.closeAllConnections();
    server.close();
    expect(error).toBeInstanceOf(ModelError);
    expect(error).toMatchObject(unavailable);
  });

  it.each(['end', 'cut', 'reset', 'malformed', 'half', 'error'] as const)('when the stream breaks: %s', async (how) => {
    for (const chunks of [0, 3]) {
      fake.clear();
      expect(await failure({ kind: 'answer', delayMs: 1, broken: { chunks, how } })).toMatchObject(unavailable);
    }
  });

  it.each(['SAFETY', 'RECITATION', 'BLOCKLIST', 'PROHIBITED_CONTENT', 'SPII', 'IMAGE_SAFETY'])(
    'when the answer is blocked: %s',
    async (finish) => {
      const expected = { code: 'safety_blocked', ...permanent };
      expect(await failure({ kind: 'answer', chunks: 3, finish })).toMatchObject(expected);
    },
  );

  it.each(['SAFETY', 'OTHER', 'BLOCKLIST', 'PROHIBITED_CONTENT'])('when the prompt is blocked: %s', async (reason) => {
    expect(await failure({ kind: 'block', reason })).toMatchObject({ code: 'safety_blocked', ...permanent });
  });

  it.each(['MALFORMED_FUNCTION_CALL', 'UNEXPECTED_TOOL_CALL', 'MALFORMED_RESPONSE'])(
    'when the answer is malformed: %s',
    async (finish) => {
      expect(await failure({ kind: 'answer', chunks: 3, finish })).toMatchObject(unavailable);
    },
  );

  it.each(['STOP', 'MAX_TOKENS', 'OTHER'])('when there is no text: %s', async (finish) => {
    const expected = { code: 'empty_answer', transient: true };
    for (const parts of [[], [{ text: ' \n' }], [{ text: 'Hm.', thought: true }]] as const) {
      fake.clear();
      expect(await failure({ kind: 'answer', parts, finish })).toMatchObject(expected);
    }
  });
});

describe('silence', () => {
  it('before the first chunk ends the request', async () => {
    const error = await failure({ kind: 'answer', firstDelayMs: 60_000 }, { firstByteTimeoutMs: 50 });
    expect(error).toMatchObject(unavailable);
    await vi.waitFor(() => expect(fake.requests()[0]?.closedByClient).toBe(true));
  });

  it('between two chunks ends the request', async () => {
    const error = await failure({ kind: 'answer', broken: { chunks: 2, how: 'hang' } }, { idleTimeoutMs: 50 });
    expect(error).toMatchObject(unavailable);
    await vi.waitFor(() => expect(fake.requests()[0]?.closedByClient).toBe(true));
  });

  it('does not include the time of a slow reader', async () => {
    const impatient = model({ idleTimeoutMs: 50 });
    let text = '';
    for await (const part of impatient.stream(questionPrompt('Slow'), new AbortController().signal)) {
      if (part.type === 'text') text += part.text;
      // Another stream reaches the same limit meanwhile, so that this reader was slower than the limit.
      await rejectionOf(readAnswer(impatient, 'Other [[hang:1]]'));
    }
    expect(text).toBe(answerText('Slow'));
  });
});
