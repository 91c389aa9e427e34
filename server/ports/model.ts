/** The AI model: a conversation in, a stream of text out. */
import type { FailureCode } from '../../contract/messages.ts';

export interface Turn {
  readonly role: 'user' | 'model';
  readonly text: string;
}

export type ModelPart =
  | { readonly type: 'text'; readonly text: string }
  | {
      readonly type: 'end';
      /** True when the model stopped at its length limit: what was written is kept and marked as cut short. */
      readonly truncated: boolean;
      readonly usage: { readonly promptTokens: number; readonly answerTokens: number } | null;
    };

export interface Model {
  /** How the banner and the logs call it, `gemini-3.5-flash-lite` or `demo`. */
  readonly label: string;
  /**
   * Streams the answer to the last turn: text parts, then exactly one end part. Throws `ModelError` for whatever the
   * vendor does, and the signal's reason when aborted; aborting closes the connection. Never retries by itself.
   */
  stream(turns: readonly Turn[], signal: AbortSignal): AsyncIterable<ModelPart>;
}

export class ModelError extends Error {
  override readonly name = 'ModelError';
  readonly code: FailureCode;
  /** True when the same question may succeed later. */
  readonly transient: boolean;
  /** How long the vendor asked to be left alone, null when it did not say. */
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
