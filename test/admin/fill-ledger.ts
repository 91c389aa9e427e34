/** Fills the ledger and what is made of it, for tests of copies: entries of several days, roll-ups, changes of plans, catalogs. */
import { rollUpDays } from '../../server/admin/roll-up.ts';
import type { Database } from '../../server/ports/database.ts';

/** Entries with and without an account, most older than an hour: a trigger opens their days again unless they are copied. */
export async function fillLedger(db: Database): Promise<void> {
  await db.execute(
    `insert into usage_entries (user_id, purpose, message_id, attempt, tier, model, asked_model, name, prompt_tokens, cached_tokens,
        audio_tokens, answer_tokens, thinking_tokens, cost_micros, is_estimate, first_text_ms, created_at)
      select case when n % 3 > 0 then (select min(id) from users) end, (array['reply', 'summary', 'title'])[n % 3 + 1], null, null,
        case when n % 4 > 0 then 'Basic' end, 'fast', 'deep', case when n % 5 > 0 then 'gemini' end, n, n / 2, 0, 2 * n, n / 3,
        5000000000 + n, n % 2 = 0, case when n % 3 = 0 then n end, now() - n * interval '1 hour'
      from generate_series(1, 250) as n`,
    [],
  );
  await db.execute(
    `with used as (
        insert into daily_usage (user_id, day, used, refunds) select min(id), date '2026-01-31', 4, 1 from users
      ), kept as (
        insert into kept_usage (number_key, day, used, refunds) values ('a key', date '2026-01-31', 5, 0)
      ), failed as (
        insert into reply_failures (code, model, tier, refunded, created_at) values ('model_error', 'fast', 'Basic', true, now() - interval '2 days')
      ), changed as (
        insert into plan_changes (from_tier, to_tier, created_at) values ('Basic', 'Pro', now() - interval '2 days')
      )
      insert into catalogs (digest, content) values ('a digest', '{"models": []}')`,
    [],
  );
  await rollUpDays(db, AbortSignal.timeout(60_000));
}
