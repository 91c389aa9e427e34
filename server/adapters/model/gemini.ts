/** Google's Gemini as the model: one streamed request a call, over the vendor's SDK with its own retries off. */
import { GoogleGenAI, type GenerateContentParameters, type GenerateContentResponse } from '@google/genai';
import { ModelError, type Model, type Turn } from '../../ports/model.ts';
import { answerReader, type AnswerReader } from './gemini-answer.ts';
import { errorFromAnswer, errorFromThrown, unavailable } from './gemini-errors.ts';

export interface GeminiSettings {
  readonly apiKey: string;
  readonly model: string;
  /** Null for Google's own. */
  readonly baseUrl: string | null;
  /** From the request to the first chunk; thinking models stay silent for a while. */
  readonly firstByteTimeoutMs: number;
  /** Between two chunks. */
  readonly idleTimeoutMs: number;
  /** The most an answer may have, thinking included: what a question may cost. */
  readonly maxOutputTokens: number;
}

const googleUrl = 'https://generativelanguage.googleapis.com';

/** How long the end of the stream may take once the model has said that it is done. */
const goodbyeTimeoutMs = 2000;

/** Throws an Error that names the setting when key or model cannot be sent at all. */
export function geminiModel(settings: GeminiSettings): Model {
  if (!/^[\x21-\x7e]+$/.test(settings.apiKey)) throw new Error('GEMINI_API_KEY must be printable ASCII without spaces');
  if (!/^[\w.-]+(\/[\w.-]+)?$/.test(settings.model)) throw new Error('GEMINI_MODEL must be the name of a model');
  const client = openClient(settings);

  return {
    label: settings.model,
    async *stream(turns, signal) {
      const answer = answerReader();
      const request = openRequest(client, parametersFor(settings, turns), answer, signal);
      try {
        let text = await request.next(settings.firstByteTimeoutMs);
        while (text !== null) {
          if (text !== '') yield { type: 'text', text };
          text = await request.next(answer.finished() ? goodbyeTimeoutMs : settings.idleTimeoutMs);
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

/** Everything is said explicitly: what is left out, the SDK takes from GOOGLE_* environment variables. */
function openClient({ apiKey, baseUrl }: GeminiSettings): GoogleGenAI {
  return new GoogleGenAI({
    apiKey,
    vertexai: false,
    apiVersion: 'v1beta',
    httpOptions: { baseUrl: baseUrl ?? googleUrl, fetch: fetchAnswer },
  });
}

/** Answers other than 2xx become errors here, where status, body and headers are still whole. */
async function fetchAnswer(...[input, init]: Parameters<typeof fetch>): Promise<Response> {
  // A redirect would carry the key to another host.
  const response = await fetch(input, { ...init, redirect: 'error' });
  // Without its headers, which the SDK would copy for every chunk (measured: 5 % of a stream's CPU).
  if (response.ok) return new Response(response.body);
  const body = await response.text().catch(() => '');
  throw errorFromAnswer(response.status, body, response.headers.get('retry-after'));
}

function parametersFor({ model, maxOutputTokens }: GeminiSettings, turns: readonly Turn[]): GenerateContentParameters {
  return {
    model,
    // The vendor refuses empty parts; a reply that was stopped before its first word is one.
    contents: turns.filter((turn) => turn.text !== '').map(({ role, text }) => ({ role, parts: [{ text }] })),
    // No `thinkingConfig`: the third generation takes a level and the second a budget, and a model refuses what it does
    // not know. What the vendor chose for the model holds: minimal for `gemini-3.5-flash-lite`.
    config: {
      maxOutputTokens,
      // Both would send further requests on their own.
      automaticContinuation: false,
      automaticFunctionCalling: { disable: true },
    },
  };
}

interface OpenRequest {
  /** Gives the text of the next chunk, null at the end; throws ModelError, or the caller's reason when aborted. */
  next(limitMs: number): Promise<string | null>;
  /** Closes the connection unless the answer was read to its end. */
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

  /** Only what SDK and network throw is the vendor's: an error while the chunk is read would be a fault of ours. */
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
      // The model has stopped, so the answer is whole even if the connection ends badly.
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
