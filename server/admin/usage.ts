/** Usage and cost, for HTTP and the command line. */
import { usageDaysAtMost, type AdminUsage } from '../../contract/admin-usage.ts';
import type { Connection } from '../ports/database.ts';
import { ProblemError } from '../problems/problem.ts';
import { readToday, readUsageBy, type UsageGroup, type UsageRow } from './usage-store.ts';

const usualDays = 30;
const dayMs = 24 * 60 * 60 * 1000;

export interface UsageQuery {
  readonly from?: string | undefined;
  readonly to?: string | undefined;
  readonly by?: UsageGroup | undefined;
}

/** Throws `validation_failed` for days that are not in order, or too many. */
export async function readUsageReport(db: Connection, { from, to, by = 'day' }: UsageQuery): Promise<AdminUsage[]> {
  const last = to ?? (await readToday(db));
  const first = from ?? dayBefore(last, usualDays - 1);
  const days = (Date.parse(last) - Date.parse(first)) / dayMs + 1;
  if (!(days >= 1 && days <= usageDaysAtMost)) {
    throw new ProblemError('validation_failed', { errors: [{ pointer: '/query/from', sentence: 'other' }] });
  }
  return (await readUsageBy(db, by, first, last)).map(present);
}

function dayBefore(day: string, days: number): string {
  return new Date(Date.parse(day) - days * dayMs).toISOString().slice(0, 10);
}

function present(row: UsageRow): AdminUsage {
  return {
    key: row.key,
    messages: row.messages,
    active_accounts: row.accounts,
    calls: row.calls,
    prompt_tokens: row.promptTokens,
    cached_tokens: row.cachedTokens,
    answer_tokens: row.answerTokens,
    thinking_tokens: row.thinkingTokens,
    cost_usd: row.costMicros / 1_000_000,
    failures: row.failures,
    refunds: row.refunds,
  };
}
