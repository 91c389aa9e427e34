/** Google's Gemini as the model: one streamed request per call, over the vendor's SDK without its retries. */
import { GoogleGenAI, ThinkingLevel, type GenerateContentParameters, type Part } from '@google/genai';
import { filesOf, ModelError, type Model, type ModelPart, type Prompt } from '../../ports/model.ts';
import type { ByteRoom } from './byte-room.ts';
import { answerReader } from './gemini-answer.ts';
import { errorFromAnswer, errorFromThrown } from './gemini-errors.ts';
import { geminiFiles, geminiReading, type PlacedFiles } from './gemini-files.ts';
import { streamAnswer, type Timeouts } from './timed-request.ts';

export interface GeminiSettings extends Timeouts {
  readonly id: string;
  readonly contextTokens: number;
  readonly apiKey: string;
  readonly model: string;
  /** Null for Google's server. */
  readonly baseUrl: string | null;
  /** Limit of an answer, thinking included; bounds the cost of a question. */
  readonly maxOutputTokens: number;
  /** Left out: it is sent text only. */
  readonly files?: { readonly takes: readonly ('image' | 'pdf')[]; readonly room: ByteRoom };
  /** Null = as the vendor chooses. */
  readonly thinkingLevel: keyof typeof thinkingLevels | null;
}

const googleUrl = 'https://generativelanguage.googleapis.com';

/** Throws an Error that names the setting if key or model is malformed. */
export function geminiModel(settings: GeminiSettings): Model {
  if (!/^[\x21-\x7e]+$/.test(settings.apiKey)) throw new Error('GEMINI_API_KEY must be printable ASCII without spaces');
  if (!/^[\w.-]+(\/[\w.-]+)?$/.test(settings.model)) throw new Error('GEMINI_MODEL must be the name of a model');
  const client = openClient(settings);

  const desk =
    settings.files &&
    geminiFiles({ apiKey: settings.apiKey, baseUrl: settings.baseUrl ?? googleUrl, room: settings.files.room });

  function ask(prompt: Prompt, placed: PlacedFiles | null, signal: AbortSignal): AsyncGenerator<ModelPart> {
    return streamAnswer(
      {
        vendor: 'Gemini',
        open: (abortSignal) => openStream(client, parametersFor(settings, prompt, placed), abortSignal),
        errorOf: errorFromThrown,
      },
      answerReader(),
      settings,
      signal,
    );
  }

  return {
    id: settings.id,
    contextTokens: settings.contextTokens,
    ...(settings.files && { reading: geminiReading(settings.files.takes) }),
    async *stream(prompt, signal) {
      const files = filesOf(prompt);
      if (files.length === 0 || desk === undefined) return yield* ask(prompt, null, signal);
      const placed = await desk.place(files, signal);
      try {
        for await (const part of ask(prompt, placed, signal)) {
          placed.release();
          yield part;
        }
      } catch (error) {
        if (!mayLackFile(error) || placed.reused.length === 0) throw error;
        await desk.forget(placed.reused);
        const message = 'Gemini refused a request with copies of files that it had before';
        throw new ModelError('model_unavailable', { transient: true, isRefusal: true, message });
      } finally {
        placed.release();
      }
    },
    unknownNames: (signal) => unknownNames(client, settings.model, signal),
  };
}

async function unknownNames(client: GoogleGenAI, model: string, abortSignal: AbortSignal): Promise<string[]> {
  try {
    await client.models.get({ model, config: { abortSignal } });
    return [];
  } catch (thrown) {
    const error = errorFromThrown(thrown);
    if (error.code === 'model_not_found') return [model];
    throw error;
  }
}

/** The vendor answers alike for a copy that is gone and one of another account. */
function mayLackFile(error: unknown): boolean {
  return error instanceof ModelError && (error.code === 'model_misconfigured' || error.code === 'request_refused');
}

function openStream(client: GoogleGenAI, parameters: GenerateContentParameters, abortSignal: AbortSignal) {
  return client.models.generateContentStream({ ...parameters, config: { ...parameters.config, abortSignal } });
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
  { model, maxOutputTokens, thinkingLevel }: GeminiSettings,
  { instructions, turns, maxAnswerTokens = maxOutputTokens }: Prompt,
  placed: PlacedFiles | null,
): GenerateContentParameters {
  return {
    model,
    contents: turns
      .map(({ role, parts }) => ({ role, parts: parts.flatMap((part) => partsOf(part, placed)) }))
      .filter(({ parts }) => parts.length > 0),
    config: {
      // The third generation takes a level, the second a budget, and each refuses the other. Without it the vendor's default
      // applies: minimal for `gemini-3.5-flash-lite`.
      ...(thinkingLevel === null || isSecondGeneration(model)
        ? {}
        : { thinkingConfig: { thinkingLevel: thinkingLevels[thinkingLevel] } }),
      ...(instructions === null ? {} : { systemInstruction: instructions }),
      maxOutputTokens: Math.min(maxAnswerTokens, maxOutputTokens),
      // Each would send further requests.
      automaticContinuation: false,
      automaticFunctionCalling: { disable: true },
    },
  };
}

const thinkingLevels = {
  minimal: ThinkingLevel.MINIMAL,
  low: ThinkingLevel.LOW,
  medium: ThinkingLevel.MEDIUM,
  high: ThinkingLevel.HIGH,
} as const;

const isSecondGeneration = (model: string) => /^(models\/)?gemini-[12]\b/.test(model);

/** The vendor refuses empty parts, such as a reply cancelled before its first text. */
function partsOf(part: Prompt['turns'][number]['parts'][number], placed: PlacedFiles | null): Part[] {
  if (part.type === 'file') return placed === null ? [] : [placed.partOf(part)];
  return part.text === '' ? [] : [{ text: part.text }];
}
