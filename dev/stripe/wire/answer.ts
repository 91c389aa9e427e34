/** A response of the API before it is serialized. */
import type { ApiError } from './errors.ts';

export interface Answer {
  readonly status: number;
  readonly body: string;
  readonly headers: Readonly<Record<string, string>>;
}

export function answerOf(status: number, body: object, headers: Record<string, string> = {}): Answer {
  return { status, body: JSON.stringify(body, null, 2), headers };
}

export function errorAnswer(error: ApiError): Answer {
  return answerOf(error.status, { error: error.body });
}
