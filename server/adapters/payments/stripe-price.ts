/** A Stripe price in the currency's usual unit. */
import type Stripe from 'stripe';
import type { PriceFacts } from '../../ports/payments.ts';

/** Stripe counts these in hundredths, although ISO 4217 has none (docs.stripe.com/currencies, special cases). */
const inHundredths = new Set(['isk', 'ugx']);

const intervals = ['day', 'week', 'month', 'year'] as const;

/** An amount of Stripe's in the currency's smallest unit by ISO 4217. */
export function isoAmount(amount: number, currency: string): number {
  return inHundredths.has(currency) ? Math.round(amount / 100) : amount;
}

/** Null unless the price is one amount per period: not metered, tiered or one-time. */
export function priceFacts({ currency, unit_amount, recurring }: Stripe.Price): PriceFacts | null {
  if (unit_amount === null || recurring === null || recurring.usage_type === 'metered') return null;
  const interval = intervals.find((one) => one === recurring.interval);
  if (interval === undefined) return null;
  return {
    amount: isoAmount(unit_amount, currency),
    currency,
    interval,
    intervalCount: recurring.interval_count,
  };
}
