/** Admission of a signed-in request, before its body is read: rate limits first, then a concurrency slot. */
import { isStream, ratesOf } from '../../contract/endpoint.ts';
import type { RatesConfig } from '../config/rates.ts';
import { accountSlots } from '../http/account-slots.ts';
import type { Admit } from '../http/serve.ts';
import type { Limits } from '../ports/limits.ts';
import { accountRates } from './rates.ts';

/** More than a busy browser page sends at once. */
const waitingRequests = 30;
const waitAtMostMs = 10_000;

/** Returns the admission check for signed-in requests of this process. */
export function admission(limits: Limits, config: RatesConfig): Admit {
  const countUse = accountRates(limits, config.perMinute);
  const requestSlot = slots(config.requestsAtOnce, waitingRequests, 'under-way');
  const feedSlot = slots(config.feedsOpen, 0, 'feeds');
  return ({ userId }, endpoint, answer) => {
    countUse(userId, ratesOf(endpoint));
    return isStream(endpoint) ? feedSlot(userId, answer) : requestSlot(userId, answer);
  };
}

function slots(atOnce: number, waiting: number, refusal: string) {
  return atOnce === 0 ? () => undefined : accountSlots({ atOnce, waiting, waitAtMostMs, refusal });
}
