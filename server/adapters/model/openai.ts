/** Any server that speaks OpenAI's protocol as the model, such as Ollama, llama.cpp, vLLM, LM Studio or OpenRouter. */
import OpenAI from 'openai';
import {
  filesOf,
  textOf,
  type FilePart,
  type FileReading,
  type Model,
  type ModelPart,
  type Prompt,
  type Turn,
} from '../../ports/model.ts';
import type { ByteRoom } from './byte-room.ts';
import { openAiAnswer } from './openai-answer.ts';
import { errorFromThrown } from './openai-errors.ts';
import { streamAnswer, type Timeouts } from './timed-request.ts';

export interface OpenAiSettings extends Timeouts {
  readonly id: string;
  readonly contextTokens: number;
  /** With its version, such as `http://127.0.0.1:11434/v1`. */
  readonly baseUrl: string;
  /** Null for a server without keys. */
  readonly apiKey: string | null;
  readonly model: string;
  /** Limit of an answer; bounds the cost of a question. */
  readonly maxOutputTokens: number;
  /** Left out: it is sent text only. */
  readonly files?: { readonly takes: readonly ('image' | 'pdf')[]; readonly room: ByteRoom };
}

export function openAiModel(settings: OpenAiSettings): Model {
  const client = openClient(settings);

  function ask(prompt: Prompt, images: Images, signal: AbortSignal): AsyncGenerator<ModelPart> {
    return streamAnswer(
      {
        vendor: 'The model server',
        open: async (aborted) => {
          const stream = await client.chat.completions.create(bodyFor(settings, prompt, images), { signal: aborted });
          return stream[Symbol.asyncIterator]();
        },
        errorOf: errorFromThrown,
      },
      openAiAnswer(),
      settings,
      signal,
    );
  }

  return {
    id: settings.id,
    contextTokens: settings.contextTokens,
    ...(settings.files?.takes.includes('image') && { reading: imagesOnly }),
    async *stream(prompt, signal) {
      const files = filesOf(prompt);
      if (files.length === 0 || settings.files === undefined) return yield* ask(prompt, new Map(), signal);
      const bytes = files.reduce((sum, { size }) => sum + size, 0);
      const release = await settings.files.room.take(bytes, signal);
      try {
        const images: Images = new Map();
        for (const file of files) images.set(file, await file.read(0, file.size - 1, signal));
        for await (const part of ask(prompt, images, signal)) {
          release();
          yield part;
        }
      } finally {
        release();
      }
    },
    unknownNames: (signal) => unknownNames(client, settings.model, signal),
  };
}

/** Null: the file was deleted meanwhile. */
type Images = Map<FilePart, Buffer | null>;

const imageTypes = new Set(['image/jpeg', 'image/png', 'image/webp', 'image/gif']);
/** Of a large image with `detail: high`: https://platform.openai.com/docs/guides/images-vision. Local models count less. */
const imageTokens = 1105;
const mostImageBytes = 8_000_000;

/** The protocol has parts for documents too, which few servers know; they get the text. */
const imagesOnly: FileReading = {
  mostBytes: mostImageBytes,
  tokensOf: ({ mediaType, size }) => (imageTypes.has(mediaType) && size <= mostImageBytes ? imageTokens : null),
};

/** By the server's list of models. One that lists nothing says nothing about a name. */
async function unknownNames(client: OpenAI, model: string, signal: AbortSignal): Promise<string[]> {
  try {
    const { data } = await client.models.list({ signal });
    const names = data.map(({ id }) => id);
    // Ollama lists the tag that a name without one stands for.
    const isKnown = names.length === 0 || names.includes(model) || names.includes(`${model}:latest`);
    return isKnown ? [] : [model];
  } catch (thrown) {
    throw errorFromThrown(thrown);
  }
}

/** Every option is explicit: the SDK reads missing ones from OPENAI_* environment variables, and would retry on its own. */
function openClient({ apiKey, baseUrl }: OpenAiSettings): OpenAI {
  return new OpenAI({
    apiKey: apiKey ?? 'none',
    baseURL: baseUrl,
    organization: null,
    project: null,
    webhookSecret: null,
    adminAPIKey: null,
    maxRetries: 0,
    logLevel: 'off',
    defaultHeaders: apiKey === null ? { authorization: null } : {},
    // A redirect would carry the key to another host.
    fetchOptions: { redirect: 'error' },
  });
}

function bodyFor(
  { baseUrl, model, maxOutputTokens }: OpenAiSettings,
  { instructions, turns, maxAnswerTokens = maxOutputTokens }: Prompt,
  images: Images,
): OpenAI.ChatCompletionCreateParamsStreaming {
  const system = instructions === null ? [] : [{ role: 'system' as const, content: instructions }];
  return {
    model,
    messages: [...system, ...turns.filter(hasContent).map((turn) => messageOf(turn, images))],
    stream: true,
    stream_options: { include_usage: true },
    [limitName(baseUrl)]: Math.min(maxAnswerTokens, maxOutputTokens),
  };
}

/** OpenAI's own newer models take only the new name; other servers may know only the old one. */
const limitName = (baseUrl: string) =>
  new URL(baseUrl).hostname === 'api.openai.com' ? 'max_completion_tokens' : 'max_tokens';

const hasContent = (turn: Turn) => textOf(turn) !== '' || turn.parts.some(({ type }) => type === 'file');

/** A turn without files stays plain text, which every server knows. */
function messageOf(turn: Turn, images: Images): OpenAI.ChatCompletionMessageParam {
  if (turn.role === 'model') return { role: 'assistant', content: textOf(turn) };
  if (!turn.parts.some(({ type }) => type === 'file')) return { role: 'user', content: textOf(turn) };
  return { role: 'user', content: turn.parts.flatMap((part) => contentOf(part, images)) };
}

function contentOf(part: Turn['parts'][number], images: Images): OpenAI.ChatCompletionContentPart[] {
  if (part.type === 'text') return part.text === '' ? [] : [{ type: 'text', text: part.text }];
  const bytes = images.get(part) ?? null;
  if (bytes === null) return [{ type: 'text', text: `[The file "${part.name}" was deleted.]` }];
  return [{ type: 'image_url', image_url: { url: `data:${part.mediaType};base64,${bytes.toString('base64')}` } }];
}
