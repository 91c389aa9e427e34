/** A fake Gemini: an HTTP server that speaks the vendor's REST protocol and misbehaves on demand. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { text } from 'node:stream/consumers';
import { behaviourFor, type Behaviour, type ErrorBehaviour } from './gemini-behaviour.ts';
import { handleControl, type Controls } from './gemini-control.ts';
import { fileDesk, type FileDesk } from './gemini-files.ts';
import { openJournal, type RecordedRequest, type Reported } from './gemini-journal.ts';
import { play, sendError } from './gemini-play.ts';
import { isTitleRequest, titleAnswer } from './gemini-title.ts';
import { readPrompt, type Prompt } from './gemini-wire.ts';
import { listen } from './listen.ts';

export interface FakeGeminiOptions {
  /** A free one when left out. */
  readonly port?: number;
  /** The only valid key; any when left out. */
  readonly apiKey?: string;
  /** Models that exist; any `gemini-*` when left out. */
  readonly models?: readonly string[];
  /** The default behaviour, overridden by the queue, `respond` and the question's sentinels. */
  readonly usual?: Behaviour;
  /** How many requests are kept for `requests()`; by default the newest 10,000. */
  readonly keepRequests?: number;
}

export interface FakeGemini extends Controls, AsyncDisposable {
  readonly url: string;
  /** Chooses a behaviour by request; null means the question's sentinels and the usual behaviour. */
  respond(choose: (request: RecordedRequest) => Behaviour | null): void;
  /** Its uploads. */
  readonly files: FileDesk;
}

/**
 * Starts a fake on the loopback address. The first of these that applies decides the behaviour: faults of the request, the
 * queue, `respond`, the sentinels in its question, the usual behaviour. A request for a title knows only `respond`.
 */
export async function startFakeGemini(options: FakeGeminiOptions = {}): Promise<FakeGemini> {
  const journal = openJournal(options.keepRequests ?? 10_000);
  const files = fileDesk();
  const script = openScript(options.usual ?? { kind: 'answer' });
  const controls: Controls = {
    requests: () => journal.requests(),
    stats: () => journal.stats(),
    next: (...behaviours) => void script.queue.push(...behaviours),
    usually: (behaviour) => {
      script.usual = behaviour;
    },
    clear: () => {
      journal.clear();
      script.queue.length = 0;
    },
  };

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = request.url ?? '/';
    if (path.startsWith('/_control/')) return handleControl(controls, path, request, response);
    if (await files.handle(request, response)) return;
    if (request.method === 'GET') return describeModel(path, response, options);
    const prompt = readPrompt(await text(request));
    const call = readCall(request, path, options);
    const fault = 'kind' in call ? call : 'kind' in prompt ? prompt : lostFile(prompt, files);
    const asked = 'kind' in prompt ? noPrompt : prompt;
    const { model, streamed } = 'kind' in call ? { model: '', streamed: true } : call;
    const keyPresent = request.headers['x-goog-api-key'] !== undefined;
    const { record, onBreak } = journal.begin({ path, model, keyPresent, ...asked }, response);
    const onChunk = () => {
      record.chunksSent += 1;
    };
    const onReport = (usage: Reported | null) => {
      record.reported = usage;
      record.refused = usage === null;
    };
    play(fault ?? script.behaviourOf(record), { response, streamed, prompt: asked, onChunk, onReport, onBreak });
  }

  const listening = await listen(
    (request, response) =>
      answer(request, response).catch((error: unknown) => {
        if (!response.headersSent) sendError({ kind: 'error', status: 500, message: String(error) }, response, false);
      }),
    options.port,
  );
  listening.server.keepAliveTimeout = 60_000;
  listening.server.on('connection', () => journal.onConnection());

  return {
    ...controls,
    files,
    url: listening.url,
    respond: (choose) => {
      script.choose = choose;
    },
    [Symbol.asyncDispose]: listening[Symbol.asyncDispose],
  };
}

/** As the vendor says it of files that have ended, and of those of others. */
function lostFile({ contents }: Prompt, files: FileDesk): ErrorBehaviour | null {
  const uris = contents.flatMap(({ parts }) => parts.flatMap(({ fileData }) => fileData?.fileUri ?? []));
  if (uris.every((uri) => files.has(uri))) return null;
  return { kind: 'error', status: 403, message: 'You do not have permission to access the File or it may not exist.' };
}

const noPrompt: Prompt = { contents: [], system: null, question: '', config: {} };

interface Script {
  usual: Behaviour;
  choose: ((request: RecordedRequest) => Behaviour | null) | null;
  readonly queue: Behaviour[];
  behaviourOf(request: RecordedRequest): Behaviour;
}

function openScript(usual: Behaviour): Script {
  return {
    usual,
    choose: null,
    queue: [],
    behaviourOf(request) {
      // Titles are requested in the background, and must not use what is queued for the next question.
      if (isTitleRequest(request)) return this.choose?.(request) ?? titleAnswer(request);
      const told = this.queue.shift() ?? this.choose?.(request);
      return told ?? behaviourFor(request.question, request.asking, this.usual);
    },
  };
}

const callPattern = /^\/v1(?:beta)?\/models\/([^/:]+):(streamGenerateContent\?alt=sse|generateContent)$/;

function readCall(
  request: IncomingMessage,
  path: string,
  { apiKey, models }: FakeGeminiOptions,
): { model: string; streamed: boolean } | ErrorBehaviour {
  const [, model = '', method] = callPattern.exec(path) ?? [];
  const key = request.headers['x-goog-api-key'];
  if (request.method !== 'POST' || method === undefined) return { kind: 'error', status: 404 };
  if (key === undefined) return { kind: 'error', status: 403, message: "Method doesn't allow unregistered callers." };
  if (apiKey !== undefined && key !== apiKey) {
    return { kind: 'error', status: 400, reason: 'API_KEY_INVALID', message: 'API key not valid.' };
  }
  if (!isKnown(model, models)) return unknownModel(model);
  return { model, streamed: method !== 'generateContent' };
}

/** `models.get`, which is not recorded. */
function describeModel(path: string, response: ServerResponse, { models }: FakeGeminiOptions): void {
  const name = /^\/v1(?:beta)?\/models\/([^/:?]+)$/.exec(path)?.[1];
  if (name === undefined || !isKnown(name, models)) return sendError(unknownModel(name ?? path), response, false);
  response.writeHead(200, { 'content-type': 'application/json; charset=UTF-8' });
  const supportedGenerationMethods = ['generateContent', 'countTokens'];
  response.end(
    JSON.stringify({ name: `models/${name}`, version: '001', displayName: name, supportedGenerationMethods }),
  );
}

const isKnown = (model: string, models: FakeGeminiOptions['models']) =>
  models?.includes(model) ?? model.startsWith('gemini-');

const unknownModel = (model: string): ErrorBehaviour => ({
  kind: 'error',
  status: 404,
  message: `models/${model} is not found for API version v1beta.`,
});
