/** HTTP route for the signed-in user. */
import { readMe } from '../../contract/accounts.ts';
import { signInRequired } from '../accounts/authenticate.ts';
import type { Serve } from '../http/serve.ts';
import type { Database } from '../ports/database.ts';
import { readUsage } from './store.ts';

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
}
