/** Port: the AI model, from a prompt to a stream of text. */
import type { FailureCode } from '../../contract/messages.ts';

export interface TextPart {
  readonly type: 'text';
  readonly text: string;
}

/** One side's turn of a conversation. */
export interface Turn {
  readonly role: 'user' | 'model';
  readonly parts: readonly TextPart[];
}

export function textTurn(role: Turn['role'], text: string): Turn {
  return { role, parts: [{ type: 'text', text }] };
}

/** The text of a turn. */
export function textOf({ parts }: Turn): string {
  return parts.map(({ text }) => text).join('');
}

export interface Prompt {
  /** For the vendor's system role; null if there are none. */
  readonly instructions: string | null;
  /** Oldest first, ending with the question. */
  readonly turns: readonly Turn[];
  /** Most tokens of the answer, thinking included, if that is less than what the model may. */
  readonly maxAnswerTokens?: number;
}

/** A prompt of one question. */
export function questionPrompt(question: string): Prompt {
  return { instructions: null, turns: [textTurn('user', question)] };
}

export type ModelPart =
  | TextPart
  | {
      /** What the vendor has counted so far; each replaces the one before. */
      readonly type: 'usage';
      readonly usage: Usage;
      /** The vendor counts no further. */
      readonly isFinal: boolean;
      /** What the vendor calls the model that answered; null if it does not say. */
      readonly name: string | null;
    }
  | {
      readonly type: 'end';
      /** True when the model stopped at its length limit. The text is kept and marked as truncated. */
      readonly truncated: boolean;
    };

/** Tokens of a call, as the vendor counts and bills them. */
export interface Usage {
  /** All that was read: cached tokens, audio and results of tools included. */
  readonly promptTokens: number;
  /** Of these, what the vendor had cached. */
  readonly cachedTokens: number;
  /** Of these, audio that it had not cached. */
  readonly audioTokens: number;
  /** All that was written, thinking included. */
  readonly answerTokens: number;
  /** Of these, thinking. */
  readonly thinkingTokens: number;
}

export interface Model {
  /** Stored with replies and used in logs: `gemini-3.5-flash-lite` or `demo`. */
  readonly id: string;
  /** Most tokens of a prompt, as estimated. */
  readonly contextTokens: number;
  /** It only describes itself, so that no titles or summaries are requested from it. */
  readonly isDemo?: true;
  /**
   * Streams the answer to the last turn: text and usage parts, then exactly one end part. Throws `ModelError` for every failure of
   * the vendor, and the signal's reason when aborted, which closes the connection. Does not retry.
   */
  stream(prompt: Prompt, signal: AbortSignal): AsyncIterable<ModelPart>;
}

export class ModelError extends Error {
  override readonly name = 'ModelError';
  readonly code: FailureCode;
  /** True if a retry may succeed. */
  readonly transient: boolean;
  /** The vendor's Retry-After in ms; null if it sent none. */
  readonly retryAfterMs: number | null;
  /** The vendor refused the request, and bills nothing for it. */
  readonly isRefusal: boolean;

  constructor(
    code: FailureCode,
    options: {
      transient: boolean;
      retryAfterMs?: number | null;
      isRefusal?: boolean;
      message: string;
      cause?: unknown;
    },
  ) {
    super(options.message, { cause: options.cause });
    this.code = code;
    this.transient = options.transient;
    this.retryAfterMs = options.retryAfterMs ?? null;
    this.isRefusal = options.isRefusal ?? false;
  }
}
