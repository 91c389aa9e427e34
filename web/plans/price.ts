/** Formats a price in the reader's locale. */
import type { Price } from '../../contract/plans.ts';
import { locale } from '../languages/text.ts';

/** Such as "$9.99", "9,99 $" or "¥1,500"; without cents if they are zero. */
export function amountText({ amount, currency }: Pick<Price, 'amount' | 'currency'>): string {
  const format = new Intl.NumberFormat(locale(), {
    style: 'currency',
    currency,
    currencyDisplay: 'narrowSymbol',
    trailingZeroDisplay: 'stripIfInteger',
  });
  return format.format(amount / 10 ** (format.resolvedOptions().maximumFractionDigits ?? 2));
}
