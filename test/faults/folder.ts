/** Inspects an embedded installation: its metrics while it runs, its database once it has stopped. */
import path from 'node:path';
import { openPglite } from '../../server/adapters/database/pglite.ts';
import type { Sql } from '../sql.ts';
import { exchange } from './exchange.ts';
import { audit, settled, unansweredOf, type Ledger } from './ledger.ts';
import type { Service } from './service.ts';
import { until } from './waiting.ts';

/** One value of `/metrics`, NaN when it is missing. */
export async function readMetric(url: string, name: string): Promise<number> {
  const answer = await exchange('GET', `${url}/metrics`);
  return Number(
    new RegExp(String.raw`^${name}(?:\{[^}]*\})? (\d+)`, 'm').exec(String(answer?.body))?.[1] ?? Number.NaN,
  );
}

/** The queue's depth is sampled: the sample must be from a time without running replies. */
const idleForMs = 6_000;

/** Resolves when nothing is queued or generated. */
async function waitUntilIdle(url: string): Promise<void> {
  let idleSince: number | null = null;
  await until('the process has answered everything', 120_000, async () => {
    const active = await readMetric(url, 'pollux_replies_active');
    const waiting = await readMetric(url, 'pollux_queue_depth');
    if (active !== 0 || waiting !== 0) idleSince = null;
    else idleSince ??= performance.now();
    return idleSince !== null && performance.now() - idleSince > idleForMs;
  });
}

/** Opens the database of a stopped installation. */
async function lookInto<T>(directory: string, look: (sql: Sql) => Promise<T>): Promise<T> {
  await using db = await openPglite(path.join(directory, 'pglite'));
  return await look((text, values = []) => db.run({ name: '', text }, values));
}

/** Lets an embedded service finish, stops it, and compares its database with what was accepted; answers have `chunks` chunks. */
export async function stopAndAudit(service: Service, directory: string, ledger: Ledger, chunks: number) {
  await waitUntilIdle(service.url);
  await service.kill('SIGTERM');
  return lookInto(directory, async (sql) => ({
    ...(await audit(sql, ledger)),
    unfinished: await settled(sql, 0),
    wrong: await unansweredOf(sql, ledger, chunks),
  }));
}
