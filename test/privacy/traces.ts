/** Finds every place that contains a text: tables, Redis, and files other than the database's. */
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { Redis } from 'ioredis';
import type { Place } from '../harness.ts';
import type { Sql } from '../sql.ts';

export async function findTraces(text: string, place: Place, sql: Sql): Promise<string[]> {
  return [...(await inTables(text, sql)), ...(await inRedis(text, place)), ...(await inFiles(text, place))];
}

async function inTables(text: string, sql: Sql): Promise<string[]> {
  const tables = await sql<{ name: string }>(
    `select c.oid::regclass::text as name from pg_class c join pg_namespace n on n.oid = c.relnamespace
       where c.relkind = 'r' and n.nspname not in ('pg_catalog', 'information_schema')`,
  );
  const found: string[] = [];
  for (const { name } of tables) {
    const rows = await sql(`select from ${name} t where position($1 in (t.*)::text) > 0 limit 1`, [text]);
    if (rows.length > 0) found.push(`table ${name}`);
  }
  return found;
}

async function inRedis(text: string, { environment: { REDIS_URL, REDIS_PREFIX } }: Place): Promise<string[]> {
  if (REDIS_URL === undefined) return [];
  const client = new Redis(REDIS_URL);
  try {
    const keys = await client.keys(`${REDIS_PREFIX}*`);
    const values = await Promise.all(keys.map((key) => valueOf(client, key)));
    return keys.filter((key, index) => key.includes(text) || values[index]!.includes(text)).map((key) => `key ${key}`);
  } finally {
    client.disconnect();
  }
}

async function valueOf(client: Redis, key: string): Promise<string> {
  switch (await client.type(key)) {
    case 'string':
      return String(await client.get(key));
    case 'list':
      return JSON.stringify(await client.lrange(key, 0, -1));
    case 'stream':
      return JSON.stringify(await client.xrange(key, '-', '+'));
    case 'hash':
      return JSON.stringify(await client.hgetall(key));
    case 'set':
      return JSON.stringify(await client.smembers(key));
    case 'zset':
      return JSON.stringify(await client.zrange(key, 0, '-1'));
    default:
      return '';
  }
}

async function inFiles(text: string, { environment: { DATA_DIR } }: Place): Promise<string[]> {
  const entries = await readdir(DATA_DIR!, { withFileTypes: true, recursive: true });
  const files = entries
    .filter((entry) => entry.isFile())
    .map((entry) => path.join(entry.parentPath, entry.name))
    .filter((file) => !path.relative(DATA_DIR!, file).startsWith('pglite'));
  const found: string[] = [];
  for (const file of files)
    if (file.includes(text) || (await readFile(file)).includes(text)) found.push(`file ${file}`);
  return found;
}
