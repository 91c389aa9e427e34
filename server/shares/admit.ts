/** Admission of anonymous readers: a rate and a few answers at a time for each address. */
import type { ServerResponse } from 'node:http';
import { clientRanges } from '../accounts/client-range.ts';
import { addressRules } from '../accounts/code-limits.ts';
import type { Keys } from '../accounts/keys.ts';
import { takeOrRefuse } from '../accounts/take-or-refuse.ts';
import { accountSlots } from '../http/account-slots.ts';
import type { Limits } from '../ports/limits.ts';
import { ProblemError } from '../problems/problem.ts';

const minuteMs = 60_000;
/** Answers that a reader leaves unread stay in memory. */
const slots = { atOnce: 6, waiting: 12, waitAtMostMs: 5000, refusal: 'address' };

/** Resolves when the reader may be answered. Throws `too_many_requests`, or `service_unavailable` while nothing is counted. */
export type AdmitReader = (address: string, answer: ServerResponse) => Promise<void>;

/** `perMinute`: 0 = no limits. */
export function readerAdmission(deps: { limits: Limits; keys: Keys }, perMinute: number): AdmitReader {
  const slot = accountSlots<string>(slots);
  return async (address, answer) => {
    if (perMinute === 0) return;
    const rules = addressRules(deps.keys, 'shared', address, perMinute, minuteMs);
    const verdict = await takeOrRefuse(deps.limits, rules);
    if (!verdict.allowed) {
      throw new ProblemError('too_many_requests', { reason: 'address', retryAfterMs: verdict.retryAfterMs });
    }
    await slot(clientRanges(address)[0], answer);
  };
}
