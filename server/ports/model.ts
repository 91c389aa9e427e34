/** Port: the AI model, from a conversation to a stream of text. */
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
  /**
   * Streams the answer to the last turn: text parts, then exactly one end part. Throws `ModelError` for every failure of
   * the vendor, and the signal's reason when aborted, which closes the connection. Does not retry.
   */
  stream(turns: readonly Turn[], signal: AbortSignal): AsyncIterable<ModelPart>;
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
