/** Background jobs of deletions. */
import { handle, type FeatureJobs, type Jobs } from '../jobs/job.ts';
import type { Payments } from '../ports/payments.ts';
import { deleteCustomerOf, eraseAccount, type EraseDeps } from './erase.ts';
import { accountErasure, customerDeletion } from './job-kinds.ts';
import { findDeletedAccounts, findLeftCustomers } from './store.ts';

export interface PrivacyJobsDeps extends EraseDeps {
  readonly jobs: Jobs;
  /** Null while billing is not configured: customers then stay until it is. */
  readonly payments: Payments | null;
}

const mostAtOnce = 200;

export function privacyJobs(deps: PrivacyJobsDeps): FeatureJobs {
  const { db, payments } = deps;
  return {
    handlers: [
      handle(accountErasure, ({ userId }, signal) => eraseAccount(deps, userId, signal)),
      ...(payments === null
        ? []
        : [handle(customerDeletion, ({ deletionId }) => deleteCustomerOf(db, payments, deletionId))]),
    ],
    periodic: [{ name: 'privacy/deletions', cron: '* * * * *', run: () => sendDue(deps) }],
  };
}

/** Sends jobs for accounts that could not be erased completely yet, and for jobs that were lost. */
async function sendDue({ jobs }: PrivacyJobsDeps): Promise<void> {
  await jobs.transaction([accountErasure, customerDeletion], async (tx, send) => {
    for (const account of await findDeletedAccounts(tx, mostAtOnce)) await send(accountErasure, account);
    for (const deletion of await findLeftCustomers(tx, mostAtOnce)) await send(customerDeletion, deletion);
  });
}
