/** Rate and concurrency limits of one account; 0 = off. */
import type { Rate } from '../../contract/endpoint.ts';
import type { Reader } from './reader.ts';

export interface RatesConfig {
  readonly perMinute: Readonly<Record<Rate, number>>;
  /** Open live feeds of one account in a process. */
  readonly feedsOpen: number;
  /** Concurrent requests of one account in a process. */
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
