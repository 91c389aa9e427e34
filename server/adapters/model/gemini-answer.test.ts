/** Usage as the vendor's documentation shows it. */
import { MediaModality, type GenerateContentResponseUsageMetadata, type GenerateContentResponse } from '@google/genai';
import { expect, it } from 'vitest';
import { answerReader } from './gemini-answer.ts';

type Metadata = GenerateContentResponseUsageMetadata;

function usageOf(usageMetadata: Metadata, finishReason?: string) {
  const answer = answerReader();
  answer.take({ candidates: [{ finishReason }], usageMetadata, modelVersion: 'm-001' } as GenerateContentResponse);
  return answer.counted();
}

const none = { cachedTokens: 0, audioTokens: 0, thinkingTokens: 0 };

it.each<[string, Metadata, object]>([
  ['a plain answer', { promptTokenCount: 11, candidatesTokenCount: 73 }, { promptTokens: 11, answerTokens: 73 }],
  [
    'a cached prompt, which is part of the whole',
    { promptTokenCount: 696_219, cachedContentTokenCount: 696_190, candidatesTokenCount: 214 },
    { promptTokens: 696_219, cachedTokens: 696_190, answerTokens: 214 },
  ],
  [
    'thinking, which is billed as output',
    { promptTokenCount: 10, candidatesTokenCount: 400, thoughtsTokenCount: 600 },
    { promptTokens: 10, answerTokens: 1000, thinkingTokens: 600 },
  ],
  [
    'results of tools, which are billed as input',
    { promptTokenCount: 10, toolUsePromptTokenCount: 90, candidatesTokenCount: 5 },
    { promptTokens: 100, answerTokens: 5 },
  ],
  [
    'audio, some of it cached',
    {
      promptTokenCount: 500,
      cachedContentTokenCount: 120,
      candidatesTokenCount: 5,
      promptTokensDetails: [
        { modality: MediaModality.TEXT, tokenCount: 200 },
        { modality: MediaModality.AUDIO, tokenCount: 300 },
      ],
      cacheTokensDetails: [{ modality: MediaModality.AUDIO, tokenCount: 100 }],
    },
    { promptTokens: 500, cachedTokens: 120, audioTokens: 200, answerTokens: 5 },
  ],
  ['nothing but a prompt', { promptTokenCount: 7 }, { promptTokens: 7, answerTokens: 0 }],
])('reads %s', (_name, metadata, expected) => {
  expect(usageOf(metadata)).toEqual({ type: 'usage', usage: { ...none, ...expected }, isFinal: false, name: 'm-001' });
});

it('is final with the finish reason', () => {
  expect(usageOf({ promptTokenCount: 1 }, 'STOP')).toMatchObject({ isFinal: true });
});
