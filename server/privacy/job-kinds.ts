/** Kinds of jobs of deletions, for the code that sends them. */
import type { JobKind } from '../jobs/job.ts';

/** Erases a deleted account. */
export const accountErasure: JobKind<{ readonly userId: number }> = {
  name: 'account-erasure',
  key: ({ userId }) => String(userId),
  duplicates: 'drop',
  concurrency: 2,
};

/** Ends a deleted account's subscription, and deletes its customer, at the payment vendor. */
export const customerDeletion: JobKind<{ readonly deletionId: number }> = {
  name: 'customer-deletion',
  key: ({ deletionId }) => String(deletionId),
  duplicates: 'drop',
  concurrency: 2,
};
