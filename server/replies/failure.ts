/** How a reply that failed is written down. */
import type { FailureCode } from '../../contract/messages.ts';
import { failureSentence } from '../languages/failed-reply.ts';

/** Its text, in English, depends on whether the charge comes back, which the statement decides. */
export interface Failure {
  readonly code: FailureCode;
  readonly refunded: string;
  readonly charged: string;
}

export function failureOf(code: FailureCode): Failure {
  return { code, refunded: failureSentence('en', code, false), charged: failureSentence('en', code, true) };
}
