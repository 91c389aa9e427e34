/** The job that reads an uploaded file, for the code that sends it. */
import type { JobKind } from '../jobs/job.ts';

export const fileProcessing: JobKind<{ readonly fileId: number }> = {
  name: 'file-processing',
  key: ({ fileId }) => String(fileId),
  duplicates: 'drop',
  // Each may take the memory of a reader.
  concurrency: 1,
};
