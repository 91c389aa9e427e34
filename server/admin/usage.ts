/** Usage, cost and revenue, for HTTP and the command line. */
import { usageDaysAtMost, type AdminUsage } from '../../contract/admin-usage.ts';
import type { Plans } from '../config/catalog.ts';
import type { Connection } from '../ports/database.ts';
import { ProblemError } from '../problems/problem.ts';
import {
  countActiveAccounts,
  countUpgrades,
  listOpenDays,
  readFirstTexts,
  readMeasures,
  readRevenue,
  readToday,
  type UsageGroup,
} from './usage-store.ts';

const usualDays = 30;
const dayMs = 24 * 60 * 60 * 1000;

export interface UsageQuery {
  readonly from?: string | undefined;
  readonly to?: string | undefined;
  readonly by?: UsageGroup | undefined;
}

/** Throws `validation_failed` for days that are not in order, or too many. */
export async function readUsageReport(
  { db, plans }: { readonly db: Connection; readonly plans: Plans },
  { from, to, by = 'day' }: UsageQuery,
): Promise<AdminUsage[]> {
  const last = to ?? (await readToday(db));
  const first = from ?? dayAfter(last, 1 - usualDays);
  const count = (Date.parse(last) - Date.parse(first)) / dayMs + 1;
  if (!(count >= 1 && count <= usageDaysAtMost)) {
    throw new ProblemError('validation_failed', { errors: [{ pointer: '/query/from', sentence: 'other' }] });
  }
  const days = { from: first, to: last, open: await listOpenDays(db, first, last) };
  const planIds = plans.all.map(({ id }) => id);
  const [measures, accounts, firstTexts, revenue, upgrades] = await Promise.all([
    readMeasures(db, by, days),
    countActiveAccounts(db, by, days),
    readFirstTexts(db, by, days),
    readRevenue(db, by, days),
    countUpgrades(db, by, days, planIds),
  ]);

  const rows = new Map<string, AdminUsage>();
  const rowOf = (key: string) => {
    const row = rows.get(key) ?? emptyRow(key);
    rows.set(key, row);
    return row;
  };
  if (by === 'day') for (let day = 0; day < count; day++) rowOf(dayAfter(first, day));
  for (const { key, ...row } of measures) {
    Object.assign(rowOf(key), {
      messages: row.messages,
      calls: row.calls,
      prompt_tokens: row.promptTokens,
      cached_tokens: row.cachedTokens,
      answer_tokens: row.answerTokens,
      thinking_tokens: row.thinkingTokens,
      cost_usd: row.costMicros / 1_000_000,
      failures: row.failures,
      refunds: row.refunds,
    });
  }
  for (const { key, accounts: active } of accounts) rowOf(key).active_accounts = active;
  for (const { key, p50, p95 } of firstTexts) {
    Object.assign(rowOf(key), { first_token_p50_ms: p50, first_token_p95_ms: p95 });
  }
  for (const { key, currency, paid, returned } of revenue) rowOf(key).revenue.push({ currency, paid, returned });
  for (const { key, upgrades: changes } of upgrades) rowOf(key).upgrades = changes;
  return by === 'day' ? [...rows.values()] : [...rows.values()].toSorted(byCost);
}

function byCost(a: AdminUsage, b: AdminUsage): number {
  return b.cost_usd - a.cost_usd || (a.key < b.key ? -1 : 1);
}

function dayAfter(day: string, days: number): string {
  return new Date(Date.parse(day) + days * dayMs).toISOString().slice(0, 10);
}

function emptyRow(key: string): AdminUsage {
  return {
    key,
    messages: 0,
    active_accounts: 0,
    calls: 0,
    prompt_tokens: 0,
    cached_tokens: 0,
    answer_tokens: 0,
    thinking_tokens: 0,
    cost_usd: 0,
    first_token_p50_ms: null,
    first_token_p95_ms: null,
    failures: 0,
    refunds: 0,
    revenue: [],
    upgrades: 0,
  };
}
