/** Deletes expired rows. */
import type { Database, Statement } from './ports/database.ts';

const stale: readonly Statement<never>[] = [
  { name: 'stale_tickets', text: `delete from event_tickets where expires_at < now()` },
  { name: 'stale_codes', text: `delete from otp_codes where last_sent_at < now() - interval '1 day'` },
  // Unverified users can sign up again. Accounts that an operator prepared are kept.
  {
    name: 'stale_accounts',
    text: `delete from users where verified_at is null and id in (
      select id from users where verified_at is null and created_at < now() - interval '7 days'
        and granted_tier is null and role = 'user' order by created_at limit 5000
    )`,
  },
  {
    name: 'stale_wrong_guesses',
    text: `delete from otp_wrong_guesses where wrong_since < now() - interval '1 hour'`,
  },
  { name: 'stale_keys', text: `delete from idempotency_keys where created_at < now() - interval '24 hours'` },
  { name: 'stale_sessions', text: `delete from sessions where expires_at < now() - interval '1 day'` },
  { name: 'stale_ends', text: `delete from ended_sessions where ended_at < now() - interval '1 hour'` },
  {
    name: 'stale_billing_events',
    text: `delete from billing_events where received_at < now() - interval '400 days' and state <> 'received'`,
  },
  { name: 'stale_pauses', text: `delete from model_pauses where until < now() - interval '1 day'` },
  {
    name: 'stale_workers',
    text: `delete from workers w where seen_at < now() - interval '1 day'
      and not exists (select from replies r where r.worker_id = w.id and r.status = 'generating')`,
  },
];

export async function deleteStaleRows(db: Database): Promise<void> {
  for (const statement of stale) await db.run(statement, []);
}
