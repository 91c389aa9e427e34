/** Reads the chunks of one answer in OpenAI's protocol: its text, its usage, and whether it is an answer. */
import type OpenAI from 'openai';
import type { ModelPart, Usage } from '../../ports/model.ts';
import { brokenOff, emptyAnswer, errorFromFinish } from './openai-errors.ts';
import { chunkJoiner } from './text.ts';
import type { AnswerReader } from './timed-request.ts';

type Chunk = OpenAI.ChatCompletionChunk;

export function openAiAnswer(): AnswerReader<Chunk> {
  const joiner = chunkJoiner();
  let finish: string | null = null;
  let counted: Extract<ModelPart, { type: 'usage' }> | null = null;
  let hasText = false;

  function noted(text: string): string {
    hasText ||= /\S/.test(text);
    return text;
  }

  return {
    take(chunk) {
      const choice = Array.isArray(chunk.choices) ? chunk.choices[0] : undefined;
      finish = choice?.finish_reason ?? finish;
      const usage = readUsage(chunk.usage);
      const name = typeof chunk.model === 'string' ? chunk.model : null;
      counted = usage && { type: 'usage', usage, isFinal: finish !== null, name };
      const text = choice?.delta?.content ?? choice?.delta?.refusal;
      return noted(joiner.push(typeof text === 'string' ? text : ''));
    },
    counted: () => counted,
    check() {
      const error = finish === null ? null : errorFromFinish(finish);
      if (error !== null) throw error;
    },
    finished: () => finish !== null,
    flush: () => noted(joiner.flush()),
    end() {
      if (finish === null) throw brokenOff();
      if (!hasText) throw emptyAnswer();
      return { type: 'end', truncated: finish !== 'stop' };
    },
  };
}

/** Reasoning is part of the completion's count, cached tokens and audio are part of the prompt's. */
function readUsage(usage: OpenAI.CompletionUsage | null | undefined): Usage | null {
  if (typeof usage !== 'object' || usage === null) return null;
  return {
    promptTokens: countOf(usage.prompt_tokens),
    cachedTokens: countOf(usage.prompt_tokens_details?.cached_tokens),
    audioTokens: countOf(usage.prompt_tokens_details?.audio_tokens),
    answerTokens: countOf(usage.completion_tokens),
    thinkingTokens: countOf(usage.completion_tokens_details?.reasoning_tokens),
  };
}

function countOf(value: unknown): number {
  return typeof value === 'number' && value > 0 && Number.isFinite(value) ? Math.round(value) : 0;
}
