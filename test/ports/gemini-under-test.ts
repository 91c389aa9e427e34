/** The Gemini adapter, connected to the fake. */
import { geminiModel, type GeminiSettings } from '../../server/adapters/model/gemini.ts';
import type { Model } from '../../server/ports/model.ts';
import type { FakeGemini } from '../fakes/gemini.ts';

export const apiKey = 'AIzaSy-secret-key';

export function geminiAt(fake: FakeGemini, changes: Partial<GeminiSettings> = {}): Model {
  return geminiModel({
    id: 'fast',
    contextTokens: 32_000,
    apiKey,
    model: 'gemini-3.5-flash-lite',
    baseUrl: fake.url,
    firstByteTimeoutMs: 10_000,
    idleTimeoutMs: 10_000,
    maxOutputTokens: 8192,
    thinkingLevel: null,
    ...changes,
  });
}
