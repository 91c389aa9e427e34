/** pg-boss as it is set up here: on our connections, in a schema of its own, silent about what jobs hold. */
import type { Db, PgBoss, QueueOptions, QueuePolicy } from 'pg-boss';
import type { Logger } from 'pino';
import type { Connection, Database } from '../ports/database.ts';
import type { JobKind } from './job.ts';

/** Made by our own migrations. */
export const jobsSchema = 'pollux_jobs';

/** How soon the jobs of a dead worker are seen: after so long without a heartbeat, at the next look. */
const heartbeatSeconds = 10;
const superviseEverySeconds = 5;
export const deleteAfterSeconds = 3600;
const deleteEverySeconds = 600;

/** Tried again after 1 s, 2 s, 4 s … 5 minutes, for as long as anybody may still want it done. */
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

/** Whatever fails comes round anyway. */
export const comesRound: QueueOptions = { retryLimit: 0, expireInSeconds: 900, heartbeatSeconds, deleteAfterSeconds };

const policies: Readonly<Record<JobKind['duplicates'], QueuePolicy>> = { drop: 'exclusive', follow: 'stately' };

export function queueOf({ duplicates }: JobKind): QueueOptions & { policy: QueuePolicy } {
  return { ...untilDone, policy: policies[duplicates] };
}

/** One of our connections, a transaction's included, as pg-boss takes it. */
export function overConnection(connection: Connection): Db {
  return { executeSql: async (text, values = []) => ({ rows: await connection.execute(text, values) }) };
}

/**
 * Loaded at first use, because it costs time and memory that a process without jobs does not pay. `works`: looks after
 * jobs of dead workers, deletes old ones, and starts what comes round. Nothing runs before `start`.
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
    // The registry would keep host names; rebuilding indexes and watching vacuum are the operator's.
    registerInstance: false,
    reindex: false,
    monitorVacuum: false,
    openTelemetry: { enabled: false },
  });
  const fresh = oncePerInterval();
  boss.on('error', (error) => {
    if (fresh(error.message)) log.warn({ err: error }, 'background work cannot use the database');
  });
  // A warning's data may hold a statement with its values.
  boss.on('warning', ({ message }) => log.warn({ reason: message }, 'a warning about background work'));
  return boss;
}

const repeatMs = 10_000;

/** Every poller fails while the database is away; true for the first of a kind in ten seconds. */
function oncePerInterval(): (what: string) => boolean {
  let heard = new Set<string>();
  let since = 0;
  return (what) => {
    if (performance.now() - since > repeatMs) {
      heard = new Set();
      since = performance.now();
    }
    if (heard.has(what)) return false;
    heard.add(what);
    return true;
  };
}
