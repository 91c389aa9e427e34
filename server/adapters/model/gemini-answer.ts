/** Reads the chunks of one Gemini answer: its text, what it cost, and whether it is complete, truncated or unusable. */
import { MediaModality, type GenerateContentResponse, type ModalityTokenCount, type Part } from '@google/genai';
import type { ModelPart, Usage } from '../../ports/model.ts';
import { emptyAnswer, errorFromFinish, safetyBlocked } from './gemini-errors.ts';
import { chunkJoiner } from './text.ts';
import type { AnswerReader } from './timed-request.ts';
import { unavailable } from './unavailable.ts';

type Counted = Extract<ModelPart, { type: 'usage' }>;

export function answerReader(): AnswerReader<GenerateContentResponse> {
  const joiner = chunkJoiner();
  let finish: string | null = null;
  let blocked: string | null = null;
  let counted: Counted | null = null;
  let hasText = false;

  function noted(text: string): string {
    hasText ||= /\S/.test(text);
    return text;
  }

  return {
    take(chunk) {
      const candidate = chunk.candidates?.[0];
      finish = candidate?.finishReason ?? finish;
      blocked = chunk.promptFeedback?.blockReason ?? blocked;
      const usage = readUsage(chunk);
      const name = typeof chunk.modelVersion === 'string' ? chunk.modelVersion : null;
      counted = usage && { type: 'usage', usage, isFinal: finish !== null || blocked !== null, name };
      return noted(joiner.push(textOf(candidate?.content?.parts)));
    },
    counted: () => counted,
    check() {
      if (blocked !== null) throw safetyBlocked(blocked);
      const error = finish === null ? null : errorFromFinish(finish);
      if (error !== null) throw error;
    },
    finished: () => finish !== null,
    flush: () => noted(joiner.flush()),
    end() {
      if (finish === null) throw unavailable('Gemini broke the answer off');
      if (!hasText) throw emptyAnswer();
      return { type: 'end', truncated: finish !== 'STOP' };
    },
  };
}

/** Throws ModelError unless `parts` is absent or a list. */
function textOf(parts: unknown): string {
  if (parts === undefined || parts === null) return '';
  if (!Array.isArray(parts)) throw unavailable('Gemini sent something that is no answer');
  let text = '';
  for (const part of parts as (Part | null)[]) {
    if (part?.thought !== true && typeof part?.text === 'string') text += part.text;
  }
  return text;
}

/**
 * As the vendor bills them (https://ai.google.dev/gemini-api/docs/tokens): cached tokens are part of the prompt's count, results of
 * tools and thinking are counted apart.
 */
function readUsage({ usageMetadata: usage }: GenerateContentResponse): Usage | null {
  if (typeof usage !== 'object' || usage === null) return null;
  const audio = audioIn(usage.promptTokensDetails) + audioIn(usage.toolUsePromptTokensDetails);
  const thinkingTokens = countOf(usage.thoughtsTokenCount);
  return {
    promptTokens: countOf(usage.promptTokenCount) + countOf(usage.toolUsePromptTokenCount),
    cachedTokens: countOf(usage.cachedContentTokenCount),
    audioTokens: Math.max(0, audio - audioIn(usage.cacheTokensDetails)),
    answerTokens: countOf(usage.candidatesTokenCount) + thinkingTokens,
    thinkingTokens,
  };
}

function audioIn(details: readonly ModalityTokenCount[] | undefined): number {
  if (!Array.isArray(details)) return 0;
  const audio = details.filter((one) => one?.modality === MediaModality.AUDIO);
  return audio.reduce((sum, { tokenCount }) => sum + countOf(tokenCount), 0);
}

function countOf(value: unknown): number {
  return typeof value === 'number' && value > 0 && Number.isFinite(value) ? Math.round(value) : 0;
}
