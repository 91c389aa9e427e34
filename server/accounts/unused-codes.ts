/** Detects SMS pumping: codes requested for numbers whose carrier shares the revenue, and never used. */
import type { Logger } from 'pino';
import type { Connection } from '../ports/database.ts';
import { readUnusedCodes } from './code-store.ts';

/** By default a range of numbers receives at most 20 SMS an hour (`OTP_PREFIX_HOURLY`). */
const least = { country: 30, prefix: 10 };
const hashLength = 16;

/** Logs one line for each country and range of numbers where fewer than a quarter of the last hour's SMS were used. */
export async function warnOfUnusedCodes(db: Connection, log: Logger): Promise<void> {
  for (const { country, prefixKey, sent, used } of await readUnusedCodes(db, least)) {
    const prefix = prefixKey?.slice(0, hashLength);
    log.warn(prefix === undefined ? { country, sent, used } : { prefix, sent, used }, 'many SMS are not used');
  }
}
