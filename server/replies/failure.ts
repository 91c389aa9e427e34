/** What a person reads when a reply failed. */
import type { FailureCode } from '../../contract/messages.ts';

const notCounted = 'This message was not counted.';
/** Once an account had its refunds of the day: a failure costs the operator too. */
const counted = 'This message was counted, because too many have failed today.';

const sentences: Readonly<Record<FailureCode, string>> = {
  model_unavailable: `Gemini could not be reached. ${notCounted} Please try again.`,
  model_overloaded: `Gemini is very busy right now. ${notCounted} Please try again in a few minutes.`,
  model_misconfigured: `This service is not set up correctly to reach Gemini, and its operator has to mend that. ${notCounted}`,
  model_not_found: `Gemini does not know the model this service asks, and its operator has to set another. ${notCounted}`,
  request_refused: `Gemini did not accept this message. ${notCounted} Please put it differently.`,
  safety_blocked: `Gemini declined to answer this for safety reasons. ${notCounted} Please put it differently.`,
  empty_answer: `Gemini had no answer to this. ${notCounted} Please put it differently.`,
  timed_out: `The answer took too long. ${notCounted} Please try again.`,
  internal_error: `Something went wrong on our side. ${notCounted} Please put it differently, or try again later.`,
};

/** How a failed reply is written down: its text depends on whether the charge comes back, which the statement decides. */
export interface Failure {
  readonly code: FailureCode;
  readonly refunded: string;
  readonly charged: string;
}

export function failureOf(code: FailureCode): Failure {
  const refunded = sentences[code];
  return { code, refunded, charged: refunded.replace(notCounted, counted) };
}
