/** Costs and revenue on the administrators' pages. */
import type { Revenue } from '../../contract/admin-usage.ts';
import { locale } from '../languages/text.ts';
import { amountText } from '../plans/price.ts';

export function dollars(value: number): string {
  const style = { style: 'currency', currency: 'USD', currencyDisplay: 'narrowSymbol' } as const;
  return new Intl.NumberFormat(locale(), { ...style, maximumFractionDigits: 4 }).format(value);
}

/** One amount for each currency; a dash if there is none. */
export function moneyText(revenue: readonly Revenue[], of: 'paid' | 'returned'): string {
  const amounts = revenue.filter((one) => one[of] > 0);
  return amounts.map((one) => amountText({ amount: one[of], currency: one.currency })).join(' + ') || '–';
}

/** What stays of a payment, in the usual unit of its currency. */
export function netOf({ paid, returned, currency }: Revenue): number {
  return unitsOf(paid - returned, currency);
}

/** An amount in the usual unit of its currency. */
export function unitsOf(amount: number, currency: string): number {
  const { maximumFractionDigits = 2 } = new Intl.NumberFormat('en', { style: 'currency', currency }).resolvedOptions();
  return amount / 10 ** maximumFractionDigits;
}
