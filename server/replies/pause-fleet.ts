/** Obeys a vendor's Retry-After in all workers. */
import type { Logger } from 'pino';
import type { Connection } from '../ports/database.ts';
import { pauseModel } from './store.ts';

/** A longer Retry-After is split: after each part an attempt asks the vendor again. */
const longestPauseMs = 60_000;

/** Does not throw: without the pause the vendor would only refuse again. */
export async function pauseFleet(
  { db, log }: { readonly db: Connection; readonly log: Logger },
  model: string,
  forMs: number,
): Promise<void> {
  try {
    await pauseModel(db, model, Math.min(forMs, longestPauseMs));
  } catch (error) {
    log.warn({ err: error }, 'could not record the pause of the model');
  }
}
