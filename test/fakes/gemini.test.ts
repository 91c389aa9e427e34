/** The fake Gemini itself, including its HTTP control. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { ApiError, GoogleGenAI } from '@google/genai';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { endWithUs } from '../guard.ts';
import { answerText, behaviourFor } from './gemini-behaviour.ts';
import { startFakeGemini, type FakeGemini } from './gemini.ts';

let fake: FakeGemini;

beforeAll(async () => {
  fake = await startFakeGemini();
});
afterAll(() => fake[Symbol.asyncDispose]());

async function ask(question: string, { url = fake.url, method = 'generateContent', body = {} } = {}) {
  const response = await fetch(`${url}/v1beta/models/gemini-3.5-flash-lite:${method}`, {
    method: 'POST',
    headers: { 'x-goog-api-key': 'key', 'content-type': 'application/json' },
    body: JSON.stringify({ contents: [{ role: 'user', parts: [{ text: question }] }], ...body }),
  });
  return { status: response.status, body: await response.text() };
}

describe('the fake Gemini', () => {
  it("answers the vendor's own SDK, unchanged", async () => {
    const { models } = new GoogleGenAI({ apiKey: 'any', httpOptions: { baseUrl: fake.url } });
    const asked = { model: 'gemini-3.5-flash-lite', contents: 'Honest?' };
    let text = '';
    let usage: object | undefined;
    for await (const chunk of await models.generateContentStream(asked)) {
      text += chunk.text ?? '';
      usage = chunk.usageMetadata ?? usage;
    }
    expect(text).toBe(answerText('Honest?'));
    expect(usage).toMatchObject({ promptTokenCount: 2, candidatesTokenCount: Math.ceil(text.length / 4) });
    expect((await models.generateContent(asked)).text).toBe(text);
    expect(await models.get({ model: asked.model })).toMatchObject({ name: `models/${asked.model}` });
    const lost = await models.generateContent({ ...asked, model: 'palm-2' }).catch((error: unknown) => error);
    expect(lost).toBeInstanceOf(ApiError);
    expect((lost as ApiError).status).toBe(404);
  });

  it('answers without streaming too', async () => {
    const { status, body } = await ask('Hello');
    expect(status).toBe(200);
    const { candidates } = JSON.parse(body) as { candidates: { content: { parts: { text: string }[] } }[] };
    expect(candidates[0]?.content.parts.map((part) => part.text).join('')).toBe(answerText('Hello'));
  });

  it.each([
    [{ contents: [] }, 'contents is not specified'],
    [{ contents: [{ role: 'assistant', parts: [{ text: 'x' }] }] }, 'valid role'],
    [{ contents: [{ role: 'user', parts: [] }] }, 'must not be empty'],
    [{ contents: [{ role: 'user', parts: [{ text: '' }] }] }, 'one initialized field'],
    [{ contents: [{ role: 'model', parts: [{ text: 'x' }] }] }, 'end with a user role'],
    [{ automaticContinuation: true }, 'Unknown name'],
  ])('refuses the body %j', async (body, message) => {
    const answer = await ask('Hello', { body });
    expect(answer.status).toBe(400);
    expect(answer.body).toContain(message);
  });

  it('fails a question as often as its sentinel says, then answers', async () => {
    const statuses: number[] = [];
    for (let time = 0; time < 4; time += 1) statuses.push((await ask('Twice [[fail:503x2]]')).status);
    expect(statuses).toEqual([503, 503, 200, 200]);
  });

  it('reads sentinels', () => {
    const usual = { kind: 'answer', delayMs: 1 } as const;
    const read = (question: string, asking = 1) => behaviourFor(question, asking, usual);
    expect(read('plain')).toEqual(usual);
    expect(read('[[fail:429:13x1]]')).toEqual({ kind: 'error', status: 429, retryDelaySeconds: 13 });
    expect(read('[[fail:429:13x1]]', 2)).toEqual(usual);
    expect(read('a [[chunks:200]] b [[delay:50]] c [[cut:3x1]]')).toEqual({
      kind: 'answer',
      chunks: 200,
      delayMs: 50,
      broken: { chunks: 3, how: 'cut' },
    });
    expect(read('[[finish:MAX_TOKENS]]')).toEqual({ ...usual, finish: 'MAX_TOKENS' });
    expect(read('[[block:SAFETY]]')).toEqual({ kind: 'block', reason: 'SAFETY' });
    expect(read('[[nothing:3]]')).toEqual(usual);
  });

  it('runs as a program and is controlled over HTTP', async () => {
    const script = path.join(import.meta.dirname, 'gemini-server.ts');
    const child = spawn(process.execPath, [script, '--chunks', '2'], { stdio: ['ignore', 'pipe', 'inherit'] });
    endWithUs(child);
    try {
      const [line] = (await once(child.stdout, 'data')) as [Buffer];
      const { url } = JSON.parse(line.toString()) as { url: string };
      const next = [{ kind: 'error', status: 500 }];
      await fetch(`${url}/_control/next`, { method: 'POST', body: JSON.stringify(next) });
      expect((await ask('One', { url })).status).toBe(500);
      const answer = await ask('Two', { url, method: 'streamGenerateContent?alt=sse' });
      expect(answer.body.match(/data: /g)).toHaveLength(2);
      expect(await (await fetch(`${url}/_control/stats`)).json()).toMatchObject({ requests: 2, open: 0 });
      const requests = (await (await fetch(`${url}/_control/requests`)).json()) as { question: string }[];
      expect(requests.map(({ question }) => question)).toEqual(['One', 'Two']);
    } finally {
      child.kill('SIGTERM');
      await once(child, 'exit');
    }
    expect(child.exitCode).toBe(0);
  });
});
