/** A fake server with OpenAI's protocol, as used by Ollama and others, which misbehaves on demand. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { text } from 'node:stream/consumers';
import { listen } from './listen.ts';
import {
  answerPieces,
  behaviourFor,
  type AnswerBehaviour,
  type AnswerPart,
  type Behaviour,
  type Break,
} from './gemini-behaviour.ts';

export interface AskedOpenAi {
  readonly path: string;
  readonly authorization: string | null;
  readonly body: any;
  readonly question: string;
  closedByClient: boolean;
  /** The usage that was sent, or null. */
  reported: { readonly prompt_tokens: number; readonly completion_tokens: number } | null;
}

export interface FakeOpenAi extends AsyncDisposable {
  /** URL for `base_url`, including the version. */
  readonly url: string;
  /** Requests for answers, oldest first. */
  requests(): readonly AskedOpenAi[];
  /** Behaviours of the next questions, one each, instead of their sentinels. */
  next(...behaviours: Behaviour[]): void;
  /** Sets the models that exist; any if null. */
  know(models: readonly string[] | null): void;
}

export interface FakeOpenAiOptions {
  readonly apiKey?: string;
  readonly models?: readonly string[];
  readonly usual?: AnswerBehaviour;
}

export async function startFakeOpenAi({ apiKey, models, usual }: FakeOpenAiOptions = {}): Promise<FakeOpenAi> {
  const asked: AskedOpenAi[] = [];
  const queue: Behaviour[] = [];
  let known = models ?? null;

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = request.url ?? '';
    const authorization = request.headers.authorization ?? null;
    if (apiKey !== undefined && authorization !== `Bearer ${apiKey}`) {
      return fail(response, 401, 'invalid_api_key');
    }
    if (request.method === 'GET' && path === '/v1/models') {
      const data = (known ?? []).map((id) => ({ id, object: 'model', created: 0, owned_by: 'library' }));
      return send(response, 200, { object: 'list', data });
    }
    if (request.method !== 'POST' || path !== '/v1/chat/completions') return fail(response, 404, 'unknown_url');
    const body = JSON.parse(await text(request));
    const wrong = faultOf(body);
    if (wrong !== null) return fail(response, 400, wrong);
    const question = textIn(body.messages.at(-1).content);
    const record: AskedOpenAi = { path, authorization, body, question, closedByClient: false, reported: null };
    asked.push(record);
    if (known !== null && !known.includes(body.model)) return fail(response, 404, 'model_not_found');
    await perform(behaviourOf(question), record, response);
  }

  function behaviourOf(question: string): Behaviour {
    const times = asked.filter((one) => one.question === question).length;
    return queue.shift() ?? behaviourFor(question, times, usual ?? { kind: 'answer' });
  }

  const listening = await listen(answer);
  return {
    url: `${listening.url}/v1`,
    requests: () => asked,
    next: (...behaviours) => void queue.push(...behaviours),
    know: (names) => {
      known = names;
    },
    [Symbol.asyncDispose]: listening[Symbol.asyncDispose],
  };
}

/** Requests that OpenAI's own server would refuse. */
function faultOf({ messages, model, stream }: any): string | null {
  if (typeof model !== 'string' || stream !== true) return 'invalid_request_error';
  if (!Array.isArray(messages) || messages.length === 0) return 'invalid_request_error';
  const roles = ['system', 'user', 'assistant'];
  const isRight = (one: any) =>
    roles.includes(one.role) && (isText(one.content) || (one.role === 'user' && isParts(one.content)));
  return messages.every(isRight) ? null : 'invalid_request_error';
}

const isText = (content: unknown) => typeof content === 'string' && content !== '';
const isParts = (content: unknown) =>
  Array.isArray(content) &&
  content.length > 0 &&
  content.every((part) =>
    part.type === 'text' ? isText(part.text) : /^data:image\/[\w+]+;base64,./.test(part.image_url?.url ?? ''),
  );

/** The text of a message, without its images. */
function textIn(content: any): string {
  return typeof content === 'string' ? content : content.map((part: any) => part.text ?? '').join('');
}

function send(response: ServerResponse, status: number, body: object, headers: Record<string, string> = {}): void {
  response.writeHead(status, { 'content-type': 'application/json', ...headers });
  response.end(JSON.stringify(body));
}

function fail(response: ServerResponse, status: number, code: string | null, headers?: Record<string, string>): void {
  const error = { message: 'The fake was told to answer this.', type: code ?? 'server_error', param: null, code };
  send(response, status, { error }, headers);
}

const tokens = (texts: readonly string[]) => Math.ceil(texts.reduce((sum, one) => sum + one.length, 0) / 4);

async function perform(behaviour: Behaviour, record: AskedOpenAi, response: ServerResponse): Promise<void> {
  if (behaviour.kind === 'answer') return play(behaviour, record, response);
  if (behaviour.kind === 'block') return fail(response, 400, 'content_filter');
  const { status, reason = null, retryAfter } = behaviour;
  fail(response, status, reason, retryAfter === undefined ? {} : { 'retry-after': retryAfter });
}

const finishOf: Record<string, string> = { MAX_TOKENS: 'length', SAFETY: 'content_filter', STOP: 'stop' };

async function play(behaviour: AnswerBehaviour, record: AskedOpenAi, response: ServerResponse): Promise<void> {
  const { firstDelayMs = 0, delayMs = 0, broken, finish = 'STOP', chunks } = behaviour;
  let done = false;
  response.on('close', () => {
    record.closedByClient = !done;
  });
  const parts: readonly AnswerPart[] =
    behaviour.parts ?? answerPieces(record.question, chunks).map((one) => ({ text: one }));
  const { model } = record.body;
  const base = { id: 'chatcmpl-1', object: 'chat.completion.chunk', created: 0, model };
  const event = (body: object) => response.write(`data: ${JSON.stringify({ ...base, ...body })}\n\n`);
  const choice = (delta: object, reason: string | null = null) =>
    event({ choices: [{ index: 0, delta, finish_reason: reason, logprobs: null }] });
  await wait(firstDelayMs);
  if (broken?.chunks === 0) return breakOff(broken.how, response, () => (done = true));
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  choice({ role: 'assistant', content: '' });
  for (const part of parts.slice(0, broken?.chunks)) {
    if (response.destroyed) return;
    choice(deltaOf(part));
    await wait(delayMs);
  }
  if (broken !== undefined) return breakOff(broken.how, response, () => (done = true));
  if (finish !== null) choice({}, finishOf[finish] ?? 'stop');
  if (record.body.stream_options?.include_usage === true) event({ choices: [], usage: countIn(record, parts) });
  done = true;
  response.end('data: [DONE]\n\n');
}

const deltaOf = ({ thought, text = '' }: AnswerPart) => (thought ? { reasoning_content: text } : { content: text });

/** The usage reported for the answer, also stored in the record. */
function countIn(record: AskedOpenAi, parts: readonly AnswerPart[]): object {
  const textsOf = (chosen: readonly AnswerPart[]) => chosen.map((part) => part.text ?? '');
  const prompt_tokens = tokens(record.body.messages.map(({ content }: { content: unknown }) => textIn(content)));
  record.reported = { prompt_tokens, completion_tokens: tokens(textsOf(parts)) };
  const reasoning_tokens = tokens(textsOf(parts.filter((part) => part.thought)));
  return { ...record.reported, completion_tokens_details: { reasoning_tokens } };
}

function breakOff(how: Break, response: ServerResponse, mark: () => void): void {
  if (how === 'hang') return;
  mark();
  if (how === 'reset') return void response.socket?.resetAndDestroy();
  if (how === 'malformed') response.write('data: {"choices": [{"delta"\n\n');
  if (how === 'half') response.write('data: {"choices": [{"del');
  if (how === 'error')
    response.write('data: {"error": {"message": "overloaded", "type": "server_error", "code": null}}\n\n');
  if (how === 'cut') response.write('', () => response.socket?.destroySoon());
  else response.end();
}

function wait(ms: number): Promise<void> {
  return ms === 0 ? Promise.resolve() : new Promise((resolve) => setTimeout(resolve, ms));
}
