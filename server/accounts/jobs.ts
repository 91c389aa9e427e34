/** What accounts and sign-in do in the background. */
import type { Logger } from 'pino';
import { housekeeping } from '../jobs/housekeeping.ts';
import type { FeatureJobs } from '../jobs/job.ts';
import type { Database, Statement } from '../ports/database.ts';
import { warnOfUnusedCodes } from './unused-codes.ts';

const stale: readonly Statement<never>[] = [
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
  { name: 'stale_sessions', text: `delete from sessions where expires_at < now() - interval '1 day'` },
  { name: 'stale_keys', text: `delete from idempotency_keys where created_at < now() - interval '24 hours'` },
  { name: 'stale_ends', text: `delete from ended_sessions where ended_at < now() - interval '1 hour'` },
];

export function accountJobs({ db, log }: { readonly db: Database; readonly log: Logger }): FeatureJobs {
  return {
    handlers: [],
    periodic: [
      housekeeping('accounts', db, stale),
      { name: 'accounts/unused-codes', cron: '*/5 * * * *', run: () => warnOfUnusedCodes(db, log) },
    ],
  };
}
