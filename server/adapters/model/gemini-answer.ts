/** Reads the chunks of one Gemini answer: its text, and at the end whether it is complete, truncated or unusable. */
import type { GenerateContentResponse, Part } from '@google/genai';
import type { ModelPart } from '../../ports/model.ts';
import { emptyAnswer, errorFromFinish, safetyBlocked, unavailable } from './gemini-errors.ts';
import { chunkJoiner } from './text.ts';

type End = Extract<ModelPart, { type: 'end' }>;

export interface AnswerReader {
  /** Returns the text of a chunk, which may be empty, without the model's thinking. Throws ModelError. */
  take(chunk: GenerateContentResponse): string;
  /** True once a finish reason was received. */
  finished(): boolean;
  /** Returns held text. */
  flush(): string;
  /** The verdict on the whole answer after the stream ended. Throws ModelError if it cannot be kept. */
  end(): End;
}

export function answerReader(): AnswerReader {
  const joiner = chunkJoiner();
  let finish: string | null = null;
  let usage: End['usage'] = null;
  let hasText = false;

  function noted(text: string): string {
    hasText ||= /\S/.test(text);
    return text;
  }

  return {
    take(chunk) {
      const blocked = chunk.promptFeedback?.blockReason;
      if (blocked) throw safetyBlocked(blocked);
      usage = readUsage(chunk) ?? usage;
      const candidate = chunk.candidates?.[0];
      if (candidate?.finishReason) {
        finish = candidate.finishReason;
        const error = errorFromFinish(finish);
        if (error !== null) throw error;
      }
      return noted(joiner.push(textOf(candidate?.content?.parts)));
    },
    finished: () => finish !== null,
    flush: () => noted(joiner.flush()),
    end() {
      if (finish === null) throw unavailable('Gemini broke the answer off');
      if (!hasText) throw emptyAnswer();
      return { type: 'end', truncated: finish !== 'STOP', usage };
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

/** Answer tokens as the vendor bills them: text and thinking. */
function readUsage({ usageMetadata: usage }: GenerateContentResponse): End['usage'] {
  if (typeof usage !== 'object' || usage === null) return null;
  return {
    promptTokens: countOf(usage.promptTokenCount),
    answerTokens: countOf(usage.candidatesTokenCount) + countOf(usage.thoughtsTokenCount),
  };
}

function countOf(value: unknown): number {
  return typeof value === 'number' && value > 0 ? value : 0;
}
