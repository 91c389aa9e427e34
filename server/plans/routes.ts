/** HTTP for the signed-in user's plan and usage. */
import { readMe } from '../../contract/accounts.ts';
import { readUsageDays as usageContract } from '../../contract/usage.ts';
import { signInRequired } from '../accounts/authenticate.ts';
import type { Serve } from '../http/serve.ts';
import type { Database } from '../ports/database.ts';
import { readUsageDays } from './ledger-store.ts';
import { readUsage } from './store.ts';

const defaultDays = 30;

export function serveQuotas(serve: Serve, { db }: { readonly db: Database }): void {
  serve(readMe, async ({ caller }) => {
    const row = await readUsage(db, caller.userId);
    if (row === null) throw signInRequired();
    return {
      id: row.id,
      mobile_number: row.mobileNumber,
      subscription_tier: row.tier,
      daily_message_count: row.usedToday,
      last_message_date: row.lastDay,
      created_at: row.createdAt.toISOString(),
      role: row.role,
    };
  });

  serve(usageContract, async ({ caller, query: { days = defaultDays } }) => {
    const rows = await readUsageDays(db, caller.userId, days);
    return rows.map(({ date, messages, promptTokens, answerTokens }) => ({
      date,
      messages,
      prompt_tokens: promptTokens,
      answer_tokens: answerTokens,
    }));
  });
}
