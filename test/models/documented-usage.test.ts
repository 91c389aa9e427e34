/** Usage as vendors' documentation shows it, priced as their price pages say: worked out by hand, in micro-dollars. */
import { MediaModality, type GenerateContentResponse, type GenerateContentResponseUsageMetadata } from '@google/genai';
import type OpenAI from 'openai';
import { describe, expect, it } from 'vitest';
import { answerReader } from '../../server/adapters/model/gemini-answer.ts';
import { openAiAnswer } from '../../server/adapters/model/openai-answer.ts';
import type { ModelPrice } from '../../server/config/catalog.ts';
import { costMicros } from '../../server/models/cost.ts';
import type { ModelPart } from '../../server/ports/model.ts';

/** Dollars for a million tokens: 0.30 read, 0.03 cached, 1.00 audio, 2.50 written, thinking included. */
const price: ModelPrice = {
  input: 300_000,
  cachedInput: 30_000,
  audioInput: 1_000_000,
  output: 2_500_000,
  asOf: '2026-11-26',
};

function costOf(counted: ModelPart | null): number {
  if (counted?.type !== 'usage') throw new Error('there is no usage');
  return costMicros(price, counted.usage);
}

describe('the usage of Gemini', () => {
  const audio = (tokenCount: number) => ({ modality: MediaModality.AUDIO, tokenCount });

  it.each<[string, GenerateContentResponseUsageMetadata, number]>([
    ['text', { promptTokenCount: 11, candidatesTokenCount: 73, totalTokenCount: 84 }, 3.3 + 182.5],
    [
      'a cached prompt',
      { promptTokenCount: 696_219, cachedContentTokenCount: 696_190, candidatesTokenCount: 214 },
      29 * 0.3 + 696_190 * 0.03 + 214 * 2.5,
    ],
    [
      'thinking',
      { promptTokenCount: 10, candidatesTokenCount: 400, thoughtsTokenCount: 600, totalTokenCount: 1010 },
      10 * 0.3 + 1000 * 2.5,
    ],
    [
      'results of tools',
      { promptTokenCount: 10, toolUsePromptTokenCount: 10_309, candidatesTokenCount: 31, thoughtsTokenCount: 70 },
      10_319 * 0.3 + 101 * 2.5,
    ],
    [
      'audio',
      {
        promptTokenCount: 2000,
        candidatesTokenCount: 8,
        promptTokensDetails: [audio(1920), { modality: MediaModality.TEXT, tokenCount: 80 }],
      },
      80 * 0.3 + 1920 * 1 + 8 * 2.5,
    ],
  ])('for %s', (_name, usageMetadata, micros) => {
    const reader = answerReader();
    reader.take({ candidates: [{ finishReason: 'STOP' }], usageMetadata } as GenerateContentResponse);
    expect(costOf(reader.counted())).toBe(Math.floor(micros + 0.5));
  });
});

describe("the usage of OpenAI's protocol", () => {
  it.each<[string, OpenAI.CompletionUsage, number]>([
    ['text', { prompt_tokens: 19, completion_tokens: 10, total_tokens: 29 }, 5.7 + 25],
    [
      'a cached prompt and reasoning',
      {
        prompt_tokens: 2006,
        completion_tokens: 1300,
        total_tokens: 3306,
        prompt_tokens_details: { cached_tokens: 1920, audio_tokens: 0 },
        completion_tokens_details: { reasoning_tokens: 1000 },
      },
      86 * 0.3 + 1920 * 0.03 + 1300 * 2.5,
    ],
  ])('for %s', (_name, usage, micros) => {
    const reader = openAiAnswer();
    const base = { id: 'chatcmpl-1', object: 'chat.completion.chunk', created: 0, model: 'm' } as const;
    reader.take({ ...base, choices: [{ index: 0, delta: { content: 'So.' }, finish_reason: 'stop' }] });
    reader.take({ ...base, choices: [], usage });
    expect(costOf(reader.counted())).toBe(Math.floor(micros + 0.5));
  });
});
