/** The adapter of servers in OpenAI's protocol in front of the fake. */
import { openAiModel, type OpenAiSettings } from '../../server/adapters/model/openai.ts';
import type { Model } from '../../server/ports/model.ts';

export function openAiAt(fake: { readonly url: string }, changes: Partial<OpenAiSettings> = {}): Model {
  return openAiModel({
    id: 'local',
    contextTokens: 32_000,
    baseUrl: fake.url,
    apiKey: null,
    model: 'llama3.2',
    firstByteTimeoutMs: 10_000,
    idleTimeoutMs: 10_000,
    maxOutputTokens: 2048,
    ...changes,
  });
}
