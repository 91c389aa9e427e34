/** The background work of billing, for those who send it. */
import type { JobKind } from '../jobs/job.ts';

/** Applies an event that the vendor sent. */
export const eventReceived: JobKind<{ readonly eventRowId: number }> = {
  name: 'billing-event',
  key: ({ eventRowId }) => String(eventRowId),
  duplicates: 'drop',
  concurrency: 4,
};

/** Syncs a customer whom there is a reason to sync. */
export const customerSync: JobKind<{ readonly userId: number }> = {
  name: 'billing-sync',
  key: ({ userId }) => String(userId),
  duplicates: 'follow',
  concurrency: 8,
};
