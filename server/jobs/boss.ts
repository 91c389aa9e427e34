/** The setup of pg-boss: on our connections, in its own schema, without logging the data of jobs. */
import type { Db, PgBoss, QueueOptions, QueuePolicy } from 'pg-boss';
import type { Logger } from 'pino';
import type { Connection, Database } from '../ports/database.ts';
import type { JobKind } from './job.ts';

/** Created by our migrations. */
export const jobsSchema = 'pollux_jobs';

/** A dead worker's jobs are retried after so long without a heartbeat, at the next supervision. */
const heartbeatSeconds = 10;
const superviseEverySeconds = 5;
export const deleteAfterSeconds = 3600;
const deleteEverySeconds = 600;

/** Retried after 1 s, 2 s, 4 s … 5 minutes, for up to 90 days. */
const untilDone: QueueOptions = {
  retryLimit: 1_000_000,
  retryDelay: 1,
  retryBackoff: true,
  retryDelayMax: 300,
  retentionSeconds: 90 * 24 * 3600,
  expireInSeconds: 900,
  heartbeatSeconds,
  deleteAfterSeconds,
};

/** Not retried: the schedule runs it again. */
export const periodicOptions: QueueOptions = {
  retryLimit: 0,
  expireInSeconds: 900,
  heartbeatSeconds,
  deleteAfterSeconds,
};

const policies: Readonly<Record<JobKind['duplicates'], QueuePolicy>> = { drop: 'exclusive', follow: 'stately' };

export function queueOf({ duplicates, retries }: JobKind): QueueOptions & { policy: QueuePolicy } {
  const limited = retries === undefined ? {} : { retryLimit: retries, retryDelay: 15 };
  return { ...untilDone, ...limited, policy: policies[duplicates] };
}

/** Adapts a connection, also one of a transaction, to pg-boss. */
export function overConnection(connection: Connection): Db {
  return { executeSql: async (text, values = []) => ({ rows: await connection.execute(text, values) }) };
}

/**
 * Imported at first use, which saves time and memory in processes without jobs. `works`: retries jobs of dead workers, deletes
 * old ones and runs the schedule. Nothing runs before `start`.
 */
export async function createBoss(db: Database, works: boolean, log: Logger): Promise<PgBoss> {
  const { PgBoss: Boss } = await import('pg-boss');
  const boss = new Boss({
    db: overConnection(db),
    schema: jobsSchema,
    supervise: works,
    schedule: works,
    superviseIntervalSeconds: superviseEverySeconds,
    monitorIntervalSeconds: superviseEverySeconds,
    maintenanceIntervalSeconds: deleteEverySeconds,
    // The registry would store host names; indexes and vacuum are the operator's concern.
    registerInstance: false,
    reindex: false,
    monitorVacuum: false,
    openTelemetry: { enabled: false },
  });
  const isFirst = oncePerInterval();
  boss.on('error', (error) => {
    if (isFirst(error.message)) log.warn({ err: error }, 'background work cannot use the database');
  });
  // Without `data`, which may hold a statement with its values.
  boss.on('warning', ({ message }) => log.warn({ reason: message }, 'a warning about background work'));
  return boss;
}

const repeatMs = 10_000;

/** Limits logging, because every poller fails during a database outage: true for the first of each message in ten seconds. */
function oncePerInterval(): (message: string) => boolean {
  let logged = new Set<string>();
  let since = 0;
  return (message) => {
    if (performance.now() - since > repeatMs) {
      logged = new Set();
      since = performance.now();
    }
    if (logged.has(message)) return false;
    logged.add(message);
    return true;
  };
}
