/** `Idempotency-Key` as Stripe keeps it (https://docs.stripe.com/api/idempotent_requests). */
import { ApiError } from './errors.ts';
import type { Answer } from './answer.ts';

interface Entry {
  readonly endpoint: string;
  readonly params: string;
  readonly requestId: string;
  readonly at: number;
  /** Null while the first request is still being worked on. */
  answer: Answer | null;
}

export interface Idempotency {
  /** The stored response, or null for the first caller, which must end with `releaseUnlessSaved`. Throws `ApiError`. */
  begin(key: string, endpoint: string, params: string, requestId: string): { answer: Answer; requestId: string } | null;
  save(key: string, answer: Answer): void;
  /** Forgets a key whose request came to nothing worth keeping. */
  releaseUnlessSaved(key: string): void;
  clear(): void;
}

const keptSeconds = 86_400;

export function createIdempotency(now: () => number): Idempotency {
  const entries = new Map<string, Entry>();
  return {
    begin: (key, endpoint, params, requestId) => {
      const entry = entries.get(key);
      if (!entry || entry.at + keptSeconds < now()) {
        entries.set(key, { endpoint, params, requestId, at: now(), answer: null });
        return null;
      }
      if (entry.endpoint !== endpoint)
        throw reused(key, `for the same endpoint they were first used for (${entry.endpoint})`);
      if (entry.params !== params) throw reused(key, 'with the same parameters they were first used with');
      if (entry.answer === null) throw inUse(key);
      return { answer: entry.answer, requestId: entry.requestId };
    },
    save: (key, answer) => {
      const entry = entries.get(key);
      if (entry) entry.answer = answer;
    },
    releaseUnlessSaved: (key) => {
      if (entries.get(key)?.answer === null) entries.delete(key);
    },
    clear: () => entries.clear(),
  };
}

function reused(key: string, how: string): ApiError {
  return new ApiError(400, {
    type: 'idempotency_error',
    message: `Keys for idempotent requests can only be used ${how}. Try using a key other than '${key}' if you meant to execute a different request.`,
  });
}

function inUse(key: string): ApiError {
  return new ApiError(409, {
    type: 'idempotency_error',
    code: 'idempotency_key_in_use',
    message: `There is currently another in-progress request using this Idempotent Key (that probably means you submitted twice, and the other request is still going through): ${key}. Please try again later.`,
  });
}
