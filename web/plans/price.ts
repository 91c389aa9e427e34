/** A price as the reader writes it. */
import type { Price } from '../../contract/plans.ts';
import { locale } from '../languages/text.ts';

/** Such as "$9.99", "9,99 $" or "¥1,500"; without cents where there are none. */
export function amountText({ amount, currency }: Pick<Price, 'amount' | 'currency'>): string {
  const format = new Intl.NumberFormat(locale(), {
    style: 'currency',
    currency,
    currencyDisplay: 'narrowSymbol',
    trailingZeroDisplay: 'stripIfInteger',
  });
  return format.format(amount / 10 ** (format.resolvedOptions().maximumFractionDigits ?? 2));
}
