/** Reads the chunks of one Gemini answer: its text, and at the end whether it is whole, cut short or worth nothing. */
import type { GenerateContentResponse, Part } from '@google/genai';
import type { ModelPart } from '../../ports/model.ts';
import { emptyAnswer, errorFromFinish, safetyBlocked, unavailable } from './gemini-errors.ts';
import { chunkJoiner } from './text.ts';

type End = Extract<ModelPart, { type: 'end' }>;

export interface AnswerReader {
  /** Gives the text of the next chunk, perhaps none; the model's thinking is left out. Throws ModelError. */
  take(chunk: GenerateContentResponse): string;
  /** True once the vendor said that the model stopped. */
  finished(): boolean;
  /** Gives what text was still held back. */
  flush(): string;
  /** Judges the whole answer when the stream is over. Throws ModelError for one that cannot be kept. */
  end(): End;
}

export function answerReader(): AnswerReader {
  const joiner = chunkJoiner();
  let finish: string | null = null;
  let usage: End['usage'] = null;
  let hasWords = false;

  function noted(text: string): string {
    hasWords ||= /\S/.test(text);
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
      if (!hasWords) throw emptyAnswer();
      return { type: 'end', truncated: finish !== 'STOP', usage };
    },
  };
}

/** Throws ModelError for parts that are none: nothing of that shape was promised, and nothing of it can be kept. */
function textOf(parts: unknown): string {
  if (parts === undefined || parts === null) return '';
  if (!Array.isArray(parts)) throw unavailable('Gemini sent something that is no answer');
  let text = '';
  for (const part of parts as (Part | null)[]) {
    if (part?.thought !== true && typeof part?.text === 'string') text += part.text;
  }
  return text;
}

/** Answer tokens as the vendor bills them: the text and the thinking before it. */
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
