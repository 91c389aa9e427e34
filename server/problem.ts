/** Expected failures. The error handler turns them into problem+json. */
import { problems, type FieldError, type ProblemCode } from '../contract/errors.ts';

export interface ProblemOptions {
  readonly errors?: readonly FieldError[];
  /** Sent as `Retry-After`, in whole seconds, rounded up. */
  readonly retryAfterMs?: number;
  /** Further members of the problem document. */
  readonly members?: Readonly<Record<string, unknown>>;
  readonly headers?: Readonly<Record<string, string>>;
}

/** A problem of the closed list. `detail` is a sentence for the user and must not contain secrets. */
export class ProblemError extends Error {
  override readonly name = 'ProblemError';
  readonly code: ProblemCode;
  readonly status: number;
  readonly options: ProblemOptions;

  constructor(code: ProblemCode, detail: string, options: ProblemOptions = {}) {
    super(detail);
    this.code = code;
    this.status = problems[code].status;
    this.options = options;
  }
}

/** The same for missing objects and those of other users. */
export function notFound(): ProblemError {
  return new ProblemError('not_found', 'There is nothing here.');
}
