/** Background jobs of files. */
import { handle, type FeatureJobs, type Jobs } from '../jobs/job.ts';
import { fileProcessing } from './job-kind.ts';
import { processFile, type ProcessDeps } from './process.ts';
import { findUnprocessed } from './process-store.ts';
import { sweepOrphans, sweepStale } from './sweep.ts';

export interface FileJobsDeps extends ProcessDeps {
  readonly jobs: Jobs;
}

const mostAtOnce = 200;

export function fileJobs(deps: FileJobsDeps): FeatureJobs {
  return {
    handlers: [handle(fileProcessing, ({ fileId }, signal) => processFile(deps, fileId, signal))],
    periodic: [
      { name: 'files/stale', cron: '*/10 * * * *', run: (signal) => sweepStale(deps, signal) },
      { name: 'files/orphans', cron: '25 * * * *', run: (signal) => sweepOrphans(deps, signal) },
      { name: 'files/unprocessed', cron: '* * * * *', run: () => sendUnprocessed(deps) },
    ],
  };
}

/** Sends jobs that were lost again; those that wait are not doubled. */
async function sendUnprocessed({ jobs }: FileJobsDeps): Promise<void> {
  await jobs.transaction([fileProcessing], async (tx, send) => {
    for (const { id } of await findUnprocessed(tx, mostAtOnce)) await send(fileProcessing, { fileId: id });
  });
}
