/** The numbers of usage in the order of the table, and as a file. */
import type { AdminUsage } from '../../contract/admin-usage.ts';
import { locale } from '../languages/text.ts';
import { dollars, moneyText, unitsOf } from './money.ts';

const count = (value: number) => new Intl.NumberFormat(locale()).format(value);

const milliseconds = (value: number | null) =>
  value === null
    ? '–'
    : new Intl.NumberFormat(locale(), { style: 'unit', unit: 'second', maximumSignificantDigits: 3 }).format(
        value / 1000,
      );

/** Id of the heading, and the text of a cell. */
export const columns = [
  ['admin.cost', (row: AdminUsage) => dollars(row.cost_usd)],
  ['admin.paid', (row: AdminUsage) => moneyText(row.revenue, 'paid')],
  ['admin.returned', (row: AdminUsage) => moneyText(row.revenue, 'returned')],
  ['admin.upgrades', (row: AdminUsage) => count(row.upgrades)],
  ['usage.messages', (row: AdminUsage) => count(row.messages)],
  ['admin.accounts', (row: AdminUsage) => count(row.active_accounts)],
  ['admin.calls', (row: AdminUsage) => count(row.calls)],
  ['usage.read', (row: AdminUsage) => count(row.prompt_tokens)],
  ['usage.written', (row: AdminUsage) => count(row.answer_tokens)],
  ['admin.first-text-p50', (row: AdminUsage) => milliseconds(row.first_token_p50_ms)],
  ['admin.first-text-p95', (row: AdminUsage) => milliseconds(row.first_token_p95_ms)],
  ['admin.failed-replies', (row: AdminUsage) => count(row.failures)],
  ['admin.refunds', (row: AdminUsage) => count(row.refunds)],
] as const;

const saved = [
  'cost_usd',
  'messages',
  'active_accounts',
  'calls',
  'prompt_tokens',
  'answer_tokens',
  'first_token_p50_ms',
  'first_token_p95_ms',
  'failures',
  'refunds',
  'upgrades',
] as const;

/** Rows for a file, the heads first, with two columns for each currency. */
export function tableOf(by: string, rows: readonly AdminUsage[]): (string | number)[][] {
  const currencies = [...new Set(rows.flatMap(({ revenue }) => revenue.map(({ currency }) => currency)))].toSorted();
  const heads = [by, ...saved, ...currencies.flatMap((currency) => [`paid_${currency}`, `returned_${currency}`])];
  const cells = rows.map((row) => [
    row.key,
    ...saved.map((name) => row[name] ?? ''),
    ...currencies.flatMap((currency) => {
      const { paid, returned } = row.revenue.find((one) => one.currency === currency) ?? { paid: 0, returned: 0 };
      return [unitsOf(paid, currency), unitsOf(returned, currency)];
    }),
  ]);
  return [heads, ...cells];
}
