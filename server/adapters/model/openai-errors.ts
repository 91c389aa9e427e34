/** Maps the failures of servers that speak OpenAI's protocol to ModelError. */
import { APIConnectionError, APIError } from 'openai';
import { ModelError } from '../../ports/model.ts';
import { readRetryAfter, safeWord, unavailable } from './unavailable.ts';

const vendor = 'The model server';

/** The error for anything that the SDK or the network threw. */
export function errorFromThrown(thrown: unknown): ModelError {
  if (thrown instanceof ModelError) return thrown;
  if (thrown instanceof APIConnectionError) {
    const code = safeWord(codeIn(thrown), /^[A-Z][A-Z0-9_]{2,40}$/);
    return unavailable(`The connection to the model server failed${code === null ? '' : ` (${code})`}`);
  }
  if (thrown instanceof APIError) return errorFromAnswer(thrown);
  return unavailable(`${vendor} sent something that is no answer`);
}

/** The system's code, such as ECONNREFUSED, from one of the causes. */
function codeIn({ cause }: Error): unknown {
  for (let error = cause; error instanceof Error; error = error.cause) {
    if ('code' in error) return error.code;
  }
  return null;
}

function errorFromAnswer({ status, code, type, headers }: APIError): ModelError {
  const word = safeWord(code, /^[a-z][a-z0-9_]{2,60}$/) ?? safeWord(type, /^[a-z][a-z0-9_]{2,60}$/);
  // Sent as an event of a stream that had begun.
  if (status === undefined) {
    return unavailable([vendor, 'broke the answer off', word].filter(Boolean).join(' '));
  }
  const verdict = verdictOn(status, word);
  return new ModelError(verdict.code, {
    transient: verdict.transient,
    retryAfterMs: verdict.transient ? readRetryAfter(headers?.get('retry-after') ?? null) : null,
    isRefusal: true,
    message: [vendor, 'answered', status, word].filter(Boolean).join(' '),
  });
}

function verdictOn(status: number, word: string | null): Pick<ModelError, 'code' | 'transient'> {
  if (status === 404 || word === 'model_not_found') return { code: 'model_not_found', transient: false };
  // Paid credit is used up, which no retry helps.
  if (word === 'insufficient_quota' || [401, 402, 403].includes(status)) {
    return { code: 'model_misconfigured', transient: false };
  }
  if (status === 408 || status === 409 || status === 429) return { code: 'model_overloaded', transient: true };
  if (status < 400 || status >= 500) return { code: 'model_unavailable', transient: true };
  return { code: word === 'content_filter' ? 'safety_blocked' : 'request_refused', transient: false };
}

/** The error for a finish reason; null if the text can be kept. */
export function errorFromFinish(reason: string): ModelError | null {
  if (reason === 'content_filter') {
    return new ModelError('safety_blocked', { transient: false, message: `${vendor} blocked the answer` });
  }
  if (reason === 'tool_calls' || reason === 'function_call')
    return unavailable(`${vendor} called a tool it was not given`);
  return null;
}

export function emptyAnswer(): ModelError {
  return new ModelError('empty_answer', { transient: true, message: `${vendor} answered without any text` });
}

export function brokenOff(): ModelError {
  return unavailable(`${vendor} broke the answer off`);
}
