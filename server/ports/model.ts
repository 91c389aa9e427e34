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
      readonly type: 'end';
      /** True when the model stopped at its length limit. The text is kept and marked as truncated. */
      readonly truncated: boolean;
      readonly usage: { readonly promptTokens: number; readonly answerTokens: number } | null;
    };

export interface Model {
  /** Stored with replies and used in logs: `gemini-3.5-flash-lite` or `demo`. */
  readonly id: string;
  /** Most tokens of a prompt, as estimated. */
  readonly contextTokens: number;
  /** It understands nothing, so it is asked for no titles or summaries. */
  readonly isDemo?: true;
  /**
   * Streams the answer to the last turn: text parts, then exactly one end part. Throws `ModelError` for every failure of
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

  constructor(
    code: FailureCode,
    options: { transient: boolean; retryAfterMs?: number | null; message: string; cause?: unknown },
  ) {
    super(options.message, { cause: options.cause });
    this.code = code;
    this.transient = options.transient;
    this.retryAfterMs = options.retryAfterMs ?? null;
  }
}
