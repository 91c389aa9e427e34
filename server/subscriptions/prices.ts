/** The prices of plans, cached: bounds the wait for the vendor and the calls to it. */
import type { Logger } from 'pino';
import type { Payments, PriceFacts } from '../ports/payments.ts';

export interface PriceList {
  /** The latest known prices by id; empty if there are none. Never rejects, and waits at most a second for the vendor. */
  read(): Promise<ReadonlyMap<string, PriceFacts>>;
}

const freshMs = 10 * 60_000;
/** Older prices are not shown. */
const longestMs = 24 * 3_600_000;
const retryMs = 30_000;
const waitMs = 1000;

interface Known {
  readonly prices: ReadonlyMap<string, PriceFacts>;
  readonly atMs: number;
}

const none: ReadonlyMap<string, PriceFacts> = new Map();

export function priceList(
  payments: Pick<Payments, 'readPrices'> | null,
  soldPrices: () => readonly string[],
  log: Logger,
  now = Date.now,
): PriceList {
  let known: Known | null = null;
  let askAgainAtMs = -Infinity;
  let asking: Promise<void> | null = null;
  /** The prices that were asked for: a reload of the catalog may sell others. */
  let askedFor = '';

  async function ask(source: Pick<Payments, 'readPrices'>): Promise<void> {
    const ids = soldPrices();
    askedFor = ids.join();
    try {
      known = { prices: await source.readPrices(ids), atMs: now() };
      askAgainAtMs = now() + freshMs;
    } catch (error) {
      askAgainAtMs = now() + retryMs;
      log.warn({ err: error }, 'cannot read the prices of plans');
    }
    asking = null;
  }

  return {
    async read() {
      if (payments === null) return none;
      if (now() >= askAgainAtMs || soldPrices().join() !== askedFor) asking ??= ask(payments);
      const latest = () => (known && now() - known.atMs < longestMs ? known.prices : null);
      if (asking !== null && latest() === null) await atMost(asking, waitMs);
      return latest() ?? none;
    },
  };
}

async function atMost(work: Promise<void>, ms: number): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const timer = setTimeout(resolve, ms);
  await Promise.race([work, promise]);
  clearTimeout(timer);
}
