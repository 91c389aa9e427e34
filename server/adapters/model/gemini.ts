/** Google's Gemini as the model: one streamed request per call, over the vendor's SDK without its retries. */
import { GoogleGenAI, type GenerateContentParameters, type GenerateContentResponse } from '@google/genai';
import { ModelError, type Model, type Prompt, type Turn } from '../../ports/model.ts';
import { answerReader, type AnswerReader } from './gemini-answer.ts';
import { errorFromAnswer, errorFromThrown, unavailable } from './gemini-errors.ts';

export interface GeminiSettings {
  readonly id: string;
  readonly contextTokens: number;
  readonly apiKey: string;
  readonly model: string;
  /** Null for Google's server. */
  readonly baseUrl: string | null;
  /** From the request to the first chunk; thinking models stay silent for a while. */
  readonly firstByteTimeoutMs: number;
  /** Between two chunks. */
  readonly idleTimeoutMs: number;
  /** Limit of an answer, thinking included; bounds the cost of a question. */
  readonly maxOutputTokens: number;
}

const googleUrl = 'https://generativelanguage.googleapis.com';

/** From the finish reason to the end of the stream. */
const endTimeoutMs = 2000;

/** Throws an Error that names the setting if key or model is malformed. */
export function geminiModel(settings: GeminiSettings): Model {
  if (!/^[\x21-\x7e]+$/.test(settings.apiKey)) throw new Error('GEMINI_API_KEY must be printable ASCII without spaces');
  if (!/^[\w.-]+(\/[\w.-]+)?$/.test(settings.model)) throw new Error('GEMINI_MODEL must be the name of a model');
  const client = openClient(settings);

  return {
    id: settings.id,
    contextTokens: settings.contextTokens,
    async *stream(prompt, signal) {
      const answer = answerReader();
      const request = openRequest(client, parametersFor(settings, prompt), answer, signal);
      try {
        let text = await request.next(settings.firstByteTimeoutMs);
        while (text !== null) {
          if (text !== '') yield { type: 'text', text };
          const counted = answer.counted();
          if (counted !== null) yield counted;
          answer.check();
          text = await request.next(answer.finished() ? endTimeoutMs : settings.idleTimeoutMs);
        }
        const rest = answer.flush();
        if (rest !== '') yield { type: 'text', text: rest };
        yield answer.end();
      } finally {
        request.close();
      }
    },
  };
}

/** Every option is explicit: the SDK reads missing ones from GOOGLE_* environment variables. */
function openClient({ apiKey, baseUrl }: GeminiSettings): GoogleGenAI {
  return new GoogleGenAI({
    apiKey,
    vertexai: false,
    apiVersion: 'v1beta',
    httpOptions: { baseUrl: baseUrl ?? googleUrl, fetch: fetchAnswer },
  });
}

/** Turns answers other than 2xx into errors here, where status, body and headers are available. */
async function fetchAnswer(...[input, init]: Parameters<typeof fetch>): Promise<Response> {
  // A redirect would carry the key to another host.
  const response = await fetch(input, { ...init, redirect: 'error' });
  // Without headers: the SDK copies them for every chunk (measured: 5 % of a stream's CPU).
  if (response.ok) return new Response(response.body);
  const body = await response.text().catch(() => '');
  throw errorFromAnswer(response.status, body, response.headers.get('retry-after'));
}

function parametersFor(
  { model, maxOutputTokens }: GeminiSettings,
  { instructions, turns, maxAnswerTokens = maxOutputTokens }: Prompt,
): GenerateContentParameters {
  return {
    model,
    contents: turns.map(contentOf).filter(({ parts }) => parts.length > 0),
    // No `thinkingConfig`: the third generation takes a level, the second a budget, and each refuses the other. The
    // vendor's default applies: minimal for `gemini-3.5-flash-lite`.
    config: {
      ...(instructions === null ? {} : { systemInstruction: instructions }),
      maxOutputTokens: Math.min(maxAnswerTokens, maxOutputTokens),
      // Each would send further requests.
      automaticContinuation: false,
      automaticFunctionCalling: { disable: true },
    },
  };
}

/** The vendor refuses empty parts, such as a reply cancelled before its first text. */
function contentOf({ role, parts }: Turn) {
  return { role, parts: parts.filter(({ text }) => text !== '').map(({ text }) => ({ text })) };
}

interface OpenRequest {
  /** Returns the text of the next chunk, null at the end. Throws ModelError, or the signal's reason if aborted. */
  next(limitMs: number): Promise<string | null>;
  /** Closes the connection unless the stream ended. */
  close(): void;
}

function openRequest(
  client: GoogleGenAI,
  parameters: GenerateContentParameters,
  answer: AnswerReader,
  signal: AbortSignal,
): OpenRequest {
  // Leaving the SDK's iterator does not close the connection; only aborting the request does.
  const request = new AbortController();
  const abort = () => request.abort();
  signal.addEventListener('abort', abort);
  const config = { ...parameters.config, abortSignal: request.signal };
  let chunks: Awaited<ReturnType<typeof client.models.generateContentStream>> | null = null;
  let done = false;

  async function pull(): Promise<GenerateContentResponse | null> {
    chunks ??= await client.models.generateContentStream({ ...parameters, config });
    const { value, done: last } = await chunks.next();
    done = last === true;
    return done ? null : value;
  }

  /** Translates only errors of SDK and network; one thrown while reading a chunk would be our bug. */
  async function pullInTime(limitMs: number): Promise<GenerateContentResponse | null> {
    let late = false;
    const timer = setTimeout(() => {
      late = true;
      request.abort();
    }, limitMs);
    try {
      return await pull();
    } catch (error) {
      signal.throwIfAborted();
      // After the finish reason the answer is complete even if the connection fails.
      if (answer.finished() && !(error instanceof ModelError)) return null;
      throw late ? unavailable(`Gemini was silent for ${limitMs} ms`) : errorFromThrown(error);
    } finally {
      clearTimeout(timer);
    }
  }

  return {
    async next(limitMs) {
      signal.throwIfAborted();
      const chunk = await pullInTime(limitMs);
      signal.throwIfAborted();
      return chunk === null ? null : answer.take(chunk);
    },
    close() {
      signal.removeEventListener('abort', abort);
      if (!done) request.abort();
    },
  };
}
