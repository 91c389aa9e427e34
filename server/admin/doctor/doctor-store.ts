/** SQL of the doctor. */
import type { Connection, Statement } from '../../ports/database.ts';

export interface DatabaseFacts {
  readonly version: string;
  /** Milliseconds since 1970. */
  readonly clockMs: number;
  readonly migrations: number;
}

const facts: Statement<DatabaseFacts> = {
  name: 'doctor_database',
  text: `select current_setting('server_version') as version,
      (extract(epoch from clock_timestamp()) * 1000)::float8 as "clockMs",
      (select count(*)::int from drizzle.__drizzle_migrations) as migrations`,
};

export async function readDatabaseFacts(db: Connection): Promise<DatabaseFacts> {
  const [row] = await db.run(facts, []);
  return row!;
}

export interface JobFacts {
  /** When a job of the schedule last completed; null if none has in the last hour. */
  readonly scheduledSeconds: number | null;
  /** The same of the job that sums up usage. */
  readonly rollUpSeconds: number | null;
  /** Kinds of jobs with some that have failed at least five times in a row. */
  readonly failing: readonly string[];
}

const jobs: Statement<JobFacts> = {
  name: 'doctor_jobs',
  text: `select
      (select extract(epoch from now() - max(completed_on))::float8 from pollux_jobs.job
        where name = 'periodic' and state = 'completed') as "scheduledSeconds",
      (select extract(epoch from now() - max(completed_on))::float8 from pollux_jobs.job
        where name = 'periodic' and state = 'completed' and data->>'name' = 'admin/roll-up') as "rollUpSeconds",
      array(select distinct name from pollux_jobs.job where state = 'retry' and retry_count >= 5 order by name) as failing`,
};

export async function readJobFacts(db: Connection): Promise<JobFacts> {
  const [row] = await db.run(jobs, []);
  return row!;
}

export interface BillingFacts {
  /** Since the newest event; null if there never was one. */
  readonly newestSeconds: number | null;
  /** Events that have waited for over ten minutes. */
  readonly waiting: number;
  /** Something was paid, refunded or disputed after the newest event, and no event told of it within ten minutes. */
  readonly missed: boolean;
}

const billing: Statement<BillingFacts> = {
  name: 'doctor_billing',
  text: `select
      (select extract(epoch from now() - received_at)::float8 from billing_events order by received_at desc limit 1)
        as "newestSeconds",
      (select count(*)::int from billing_events where state = 'received' and received_at < now() - interval '10 minutes')
        as waiting,
      exists (
        select from payments where created_at < now() - interval '10 minutes'
          and created_at > coalesce((select max(received_at) from billing_events), '-infinity') + interval '10 minutes'
      ) as missed`,
};

export async function readBillingFacts(db: Connection): Promise<BillingFacts> {
  const [row] = await db.run(billing, []);
  return row!;
}
