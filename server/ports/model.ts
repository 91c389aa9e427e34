/** Port: the AI model, from a prompt to a stream of text. */
import type { FailureCode } from '../../contract/messages.ts';

export interface TextPart {
  readonly type: 'text';
  readonly text: string;
}

/** A file that the model reads itself. */
export interface FilePart {
  readonly type: 'file';
  readonly name: string;
  readonly mediaType: string;
  /** Bytes. */
  readonly size: number;
  /** The bytes from `start` to `end`, both included; null if the file is gone. Throws ModelError if it cannot be read now. */
  read(start: number, end: number, signal: AbortSignal): Promise<Buffer | null>;
  /** Copies that vendors keep for a while. */
  readonly copies: FileCopies;
}

/** What vendors call their copies of a file. A vendor is named with the account there. */
export interface FileCopies {
  /** Null if there is none, or it has ended. */
  find(vendor: string): Promise<string | null>;
  keep(vendor: string, uri: string, until: Date): Promise<void>;
  forget(vendor: string): Promise<void>;
}

/** Which files a model reads itself; of others it is sent the text. */
export interface FileReading {
  /** Tokens that a file takes in a prompt; null if the model does not read it. */
  tokensOf(file: {
    readonly mediaType: string;
    readonly size: number;
    /** Null if they are not known. */
    readonly pages: number | null;
  }): number | null;
  /** Most bytes of all files of a prompt. */
  readonly mostBytes: number;
}

/** One side's turn of a conversation. */
export interface Turn {
  readonly role: 'user' | 'model';
  readonly parts: readonly (TextPart | FilePart)[];
}

export function textTurn(role: Turn['role'], text: string): Turn {
  return { role, parts: [{ type: 'text', text }] };
}

/** The text of a turn, without its files. */
export function textOf({ parts }: Turn): string {
  return parts.map((part) => (part.type === 'text' ? part.text : '')).join('');
}

/** The files of a prompt, oldest first. */
export function filesOf({ turns }: Prompt): FilePart[] {
  return turns.flatMap(({ parts }) => parts.filter((part) => part.type === 'file'));
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
  /** Left out by a model that reads only text. */
  readonly reading?: FileReading;
  /** It only describes itself, so that no titles or summaries are requested from it. */
  readonly isDemo?: true;
  /**
   * The names of the model that its vendor does not know, asked without generating anything. Throws `ModelError` if the vendor
   * cannot be asked. Absent where there is nothing to ask.
   */
  unknownNames?(signal: AbortSignal): Promise<readonly string[]>;
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
