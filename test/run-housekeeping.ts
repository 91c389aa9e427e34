/** Runs the housekeeping of every feature now. */
import { pino } from 'pino';
import type { Connection, Database } from '../server/ports/database.ts';
import { backgroundJobs } from '../server/worker.ts';

export async function runHousekeeping(connection: Connection): Promise<void> {
  const deps = { db: connection as Database, log: pino({ level: 'silent' }), payments: null };
  const features = backgroundJobs(deps as unknown as Parameters<typeof backgroundJobs>[0]);
  const rounds = features.flatMap(({ periodic }) => periodic.filter(({ name }) => name.endsWith('/housekeeping')));
  for (const round of rounds) await round.run(new AbortController().signal);
}
