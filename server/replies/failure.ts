/** The stored form of a failed reply. */
import type { FailureCode } from '../../contract/messages.ts';
import { failureSentence } from '../languages/failed-reply.ts';

/** The statement that stores it decides on the refund, and with it on the English text. */
export interface Failure {
  readonly code: FailureCode;
  readonly refunded: string;
  readonly charged: string;
}

export function failureOf(code: FailureCode): Failure {
  return { code, refunded: failureSentence('en', code, false), charged: failureSentence('en', code, true) };
}
