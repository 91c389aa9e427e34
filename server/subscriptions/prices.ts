/** What Pro costs, remembered for a while: nobody waits long for the vendor, and nobody asks it often. */
import type { Logger } from 'pino';
import type { Payments, PriceFacts } from '../ports/payments.ts';

export interface PriceList {
  /** The newest prices known; empty while there are none. Never rejects, and waits for the vendor at most a second. */
  read(): Promise<readonly PriceFacts[]>;
}

const freshMs = 10 * 60_000;
/** A price that old is rather not shown at all. */
const longestMs = 24 * 3_600_000;
const retryMs = 30_000;
const patienceMs = 1000;

interface Known {
  readonly prices: readonly PriceFacts[];
  readonly atMs: number;
}

export function priceList(payments: Pick<Payments, 'readPrices'> | null, log: Logger, now = Date.now): PriceList {
  let known: Known | null = null;
  let askAgainAtMs = -Infinity;
  let asking: Promise<void> | null = null;

  async function ask(source: Pick<Payments, 'readPrices'>): Promise<void> {
    try {
      known = { prices: await source.readPrices(), atMs: now() };
      askAgainAtMs = now() + freshMs;
    } catch (error) {
      askAgainAtMs = now() + retryMs;
      log.warn({ err: error }, 'the prices of plans cannot be read');
    }
    asking = null;
  }

  return {
    async read() {
      if (payments === null) return [];
      if (now() >= askAgainAtMs) asking ??= ask(payments);
      const latest = () => (known && now() - known.atMs < longestMs ? known.prices : null);
      if (asking !== null && latest() === null) await atMost(asking, patienceMs);
      return latest() ?? [];
    },
  };
}

async function atMost(work: Promise<void>, ms: number): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const timer = setTimeout(resolve, ms);
  await Promise.race([work, promise]);
  clearTimeout(timer);
}
