/** Kinds of billing jobs, for the code that sends them. */
import type { JobKind } from '../jobs/job.ts';

/** Applies a recorded event. */
export const eventReceived: JobKind<{ readonly eventRowId: number }> = {
  name: 'billing-event',
  key: ({ eventRowId }) => String(eventRowId),
  duplicates: 'drop',
  concurrency: 4,
};

/** Syncs a customer for whom a sync was requested. */
export const customerSync: JobKind<{ readonly userId: number }> = {
  name: 'billing-sync',
  key: ({ userId }) => String(userId),
  duplicates: 'follow',
  concurrency: 8,
};
