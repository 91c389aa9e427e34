/** The PostgreSQL that the embedded database is copied into. */
import type { Logger } from 'pino';
import type { Config } from '../../config/config.ts';
import { StartRefused } from '../../config/start-refused.ts';
import type { Database } from '../../ports/database.ts';
import { announcePresence } from './postgres-presence.ts';
import { openPostgres } from './postgres.ts';

type Source = Pick<Config, 'database'>;

/** Connects and migrates. No server may run on it, or starts, until it is disposed. Throws `StartRefused`. */
export async function openCopyTarget({ database }: Source, url: string, log: Logger): Promise<Database> {
  if (database.kind !== 'embedded') {
    throw new StartRefused('copy-to copies the embedded database of DATA_DIR: run it without DATABASE_URL.');
  }
  await using opened = new AsyncDisposableStack();
  opened.use(await announcePresence({ setting: 'copy-to', url }, 'copying', log));
  const db = opened.use(
    await openPostgres({ setting: 'copy-to', url, directUrl: null, poolSize: 2, processes: 1, log }),
  );
  const resources = opened.move();
  return { ...db, [Symbol.asyncDispose]: () => resources.disposeAsync() };
}
