/** Settings of what one signed-in account may do; 0 turns a limit off. */
import type { Rate } from '../../contract/endpoint.ts';
import type { Reader } from './reader.ts';

export interface RatesConfig {
  readonly perMinute: Readonly<Record<Rate, number>>;
  /** Live feeds open at a time in a process. */
  readonly feedsOpen: number;
  /** Requests handled at a time in a process. */
  readonly requestsAtOnce: number;
}

export function parseRates(read: Reader): RatesConfig {
  const limit = (name: Parameters<Reader['integer']>[0]) => read.integer(name, 0, 1_000_000);
  return {
    perMinute: {
      writes: limit('ACCOUNT_WRITES_MINUTE'),
      feeds: limit('ACCOUNT_FEEDS_MINUTE'),
      billing: limit('ACCOUNT_BILLING_MINUTE'),
    },
    feedsOpen: limit('ACCOUNT_FEEDS_OPEN'),
    requestsAtOnce: limit('ACCOUNT_REQUESTS_AT_ONCE'),
  };
}
