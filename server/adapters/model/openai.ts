/** Any server that speaks OpenAI's protocol as the model, such as Ollama, llama.cpp, vLLM, LM Studio or OpenRouter. */
import OpenAI from 'openai';
import { textOf, type Model, type Prompt, type Turn } from '../../ports/model.ts';
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
}

export function openAiModel(settings: OpenAiSettings): Model {
  const client = openClient(settings);
  return {
    id: settings.id,
    contextTokens: settings.contextTokens,
    stream: (prompt, signal) =>
      streamAnswer(
        {
          vendor: 'The model server',
          open: async (aborted) => {
            const stream = await client.chat.completions.create(bodyFor(settings, prompt), { signal: aborted });
            return stream[Symbol.asyncIterator]();
          },
          errorOf: errorFromThrown,
        },
        openAiAnswer(),
        settings,
        signal,
      ),
  };
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
): OpenAI.ChatCompletionCreateParamsStreaming {
  const system = instructions === null ? [] : [{ role: 'system' as const, content: instructions }];
  return {
    model,
    messages: [...system, ...turns.filter((turn) => textOf(turn) !== '').map(messageOf)],
    stream: true,
    stream_options: { include_usage: true },
    [limitName(baseUrl)]: Math.min(maxAnswerTokens, maxOutputTokens),
  };
}

/** OpenAI's own newer models take only the new name; other servers may know only the old one. */
const limitName = (baseUrl: string) =>
  new URL(baseUrl).hostname === 'api.openai.com' ? 'max_completion_tokens' : 'max_tokens';

function messageOf(turn: Turn): OpenAI.ChatCompletionMessageParam {
  return { role: turn.role === 'user' ? 'user' : 'assistant', content: textOf(turn) };
}
