/** No statement scans a big table, with custom and generic plans. */
import { glob, readFile } from 'node:fs/promises';
import { Client, escapeLiteral } from 'pg';
import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openPostgres } from '../../server/adapters/database/postgres.ts';
import { freshDatabase, services } from '../services.ts';
import { everyQuery, withoutExample, type Query } from './every-query.ts';
import { fillTables } from './fill-tables.ts';

/** Rare commands of an operator that concern all rows. */
const aboutAllRows = new Set(['findUsers', 'billing_request_all', 'billing_all_due', 'plans_held_unknown']);
/** Below this number of rows a scan is the best plan. */
const bigRows = 10_000;

interface Plan {
  readonly 'Node Type': string;
  readonly 'Relation Name'?: string;
  readonly Plans?: readonly Plan[];
}

describe('queries', () => {
  it('have an example each', async () => {
    expect(withoutExample()).toEqual([]);
    const known = new Set((await everyQuery()).map(({ name }) => name));
    const missing = (await statementNames()).filter((name) => !known.has(name));
    expect(missing).toEqual([]);
  });
});

describe.skipIf(!services.postgres)('plans over many rows', () => {
  let database: { url: string } & AsyncDisposable;
  let client: Client;
  let big: Set<string>;

  beforeAll(async () => {
    database = await freshDatabase();
    const db = await openPostgres({
      url: database.url,
      directUrl: null,
      poolSize: 1,
      processes: 1,
      log: pino({ level: 'silent' }),
    });
    await db[Symbol.asyncDispose]();
    client = new Client({ connectionString: database.url });
    await client.connect();
    await fillTables(client);
    big = await bigTables();
  }, 240_000);

  afterAll(async () => {
    await client.end();
    await database[Symbol.asyncDispose]();
  });

  async function bigTables(): Promise<Set<string>> {
    const { rows } = await client.query<{ name: string }>(
      `select relname as name from pg_class where relkind = 'r' and reltuples >= $1 and relnamespace = 'public'::regnamespace`,
      [bigRows],
    );
    return new Set(rows.map(({ name }) => name));
  }

  async function planOf({ text, values }: Query, mode: string): Promise<Plan> {
    await client.query(`set plan_cache_mode = ${mode}`);
    await client.query(`prepare looked_at as ${text}`);
    try {
      const given = values.length === 0 ? '' : `(${values.map(literal).join(', ')})`;
      const { rows } = await client.query(`explain (format json) execute looked_at${given}`);
      return rows[0]['QUERY PLAN'][0].Plan as Plan;
    } finally {
      await client.query('deallocate looked_at');
    }
  }

  it('detect a scan', async () => {
    const slow = { name: 'slow', text: `select count(*) from messages where content = $1`, values: ['x'] };
    expect(scans(await planOf(slow, 'force_custom_plan'), big)).toEqual(['messages']);
    expect([...big]).toEqual(expect.arrayContaining(['messages', 'chatrooms', 'users', 'sessions', 'daily_usage']));
  });

  // PostgreSQL plans a prepared statement for its values at first, later for all values if that is estimated as good.
  it.each(['force_custom_plan', 'force_generic_plan'])('scan no big table with %s', async (mode) => {
    const found: Record<string, string[]> = {};
    for (const query of await everyQuery()) {
      const scanned = scans(await planOf(query, mode), big);
      if (scanned.length > 0 && !aboutAllRows.has(query.name)) found[query.name] = scanned;
    }
    expect(found).toEqual({});
  });
});

/** Names of the statements in the source. */
async function statementNames(): Promise<string[]> {
  const names: string[] = [];
  for await (const file of glob('server/**/*.ts', { exclude: ['**/*.test.ts'] })) {
    const source = await readFile(file, 'utf8');
    for (const [, name] of source.matchAll(/name: '(\w+)',\s+text: `/g)) names.push(name!);
    for (const [, name] of source.matchAll(/= \w+Statement\('(\w+)'/g)) names.push(name!);
  }
  return names;
}

/** The big tables that a plan scans. */
function scans(plan: Plan, big: ReadonlySet<string>): string[] {
  const here = plan['Node Type'] === 'Seq Scan' && big.has(plan['Relation Name']!) ? [plan['Relation Name']!] : [];
  return [...here, ...(plan.Plans ?? []).flatMap((child) => scans(child, big))];
}

function literal(value: unknown): string {
  if (value === null || value === undefined) return 'null';
  if (value instanceof Date) return escapeLiteral(value.toISOString());
  // Only arrays of numbers and simple words are passed.
  if (Array.isArray(value)) return escapeLiteral(`{${value.join(',')}}`);
  return escapeLiteral(typeof value === 'string' ? value : JSON.stringify(value));
}
