/** Expected failures. The error handler turns them into problem+json. */
import { problems, type FieldError, type ProblemCode } from '../../contract/errors.ts';
import { dashed, say, type Values } from '../languages/catalog.ts';

/** One invalid field. `sentence` is the part of its id in the catalogs after `field.`. */
export interface FieldFault {
  readonly pointer: string;
  readonly sentence: string;
  readonly values?: Values;
}

export interface ProblemOptions {
  /** Selects one of the code's sentences, where it has several. */
  readonly reason?: string;
  /** Values of the sentence; no secrets. */
  readonly values?: Values;
  readonly errors?: readonly FieldFault[];
  /** Sent as `Retry-After`, in whole seconds, rounded up. */
  readonly retryAfterMs?: number;
  /** Further members of the problem document. */
  readonly members?: Readonly<Record<string, unknown>>;
  readonly headers?: Readonly<Record<string, string>>;
}

/** A problem of the closed list. Its message is the English detail, for logs, and must not contain secrets. */
export class ProblemError extends Error {
  override readonly name = 'ProblemError';
  readonly code: ProblemCode;
  readonly status: number;
  readonly options: ProblemOptions;

  constructor(code: ProblemCode, options: ProblemOptions = {}) {
    super(detailOf(code, options, 'en'));
    this.code = code;
    this.status = problems[code].status;
    this.options = options;
  }
}

/** The same for missing objects and those of other users. */
export function notFound(): ProblemError {
  return new ProblemError('not_found');
}

/** The title of a problem code. */
export function titleOf(code: ProblemCode, language: string): string {
  return say(language, `title.${dashed(code)}`);
}

/** The detail of a problem: a sentence for the user. */
export function detailOf(code: ProblemCode, { reason, values }: ProblemOptions, language: string): string {
  return say(language, `problem.${dashed(code)}${reason === undefined ? '' : `.${reason}`}`, values);
}

/** The `errors` member of a problem. */
export function fieldErrorsOf(faults: readonly FieldFault[], language: string): FieldError[] {
  return faults.map(({ pointer, sentence, values }) => ({
    pointer,
    detail: say(language, `field.${sentence}`, values),
  }));
}
