/** Looks for SMS pumping: codes that are sent to numbers of somebody who is paid for them, and never used. */
import type { Logger } from 'pino';
import type { Connection } from '../ports/database.ts';
import { readUnusedCodes } from './code-store.ts';

/** A range of numbers gets 20 SMS an hour at most, unless set otherwise. */
const least = { country: 30, prefix: 10 };
const hashLength = 16;

/** Logs one line for each country and range of numbers where fewer than a quarter of the last hour's SMS were used. */
export async function warnOfUnusedCodes(db: Connection, log: Logger): Promise<void> {
  for (const { country, prefixKey, sent, used } of await readUnusedCodes(db, least)) {
    const prefix = prefixKey?.slice(0, hashLength);
    log.warn(prefix === undefined ? { country, sent, used } : { prefix, sent, used }, 'many SMS are not used');
  }
}
