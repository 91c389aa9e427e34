/** SQL for the copy of one database into another. Values travel as text, which every type reads back exactly. */
import type { Connection } from '../ports/database.ts';

export interface CopiedTable {
  /** Quoted, with its schema. */
  readonly name: string;
  readonly columns: readonly CopiedColumn[];
  readonly key: readonly CopiedColumn[];
  /** Tables that its foreign keys refer to. */
  readonly needs: readonly string[];
}

interface CopiedColumn {
  readonly name: string;
  readonly type: string;
}

/** A row: the text of each column, null for null. */
export type Cells = readonly (string | null)[];

export interface Checked {
  readonly rows: number;
  /** Sum of a hash of each row, so that it does not depend on their order. */
  readonly sum: bigint;
}

const pageRows = 100;
const checkedRows = 2000;

/** Both databases must format values in the same way. */
const asText = `set local timezone = 'UTC'; set local datestyle = 'ISO, YMD'; set local intervalstyle = 'postgres';
  set local bytea_output = 'hex'; set local extra_float_digits = 1`;

export async function writeAsText(tx: Connection): Promise<void> {
  await tx.execute(asText, []);
}

/** All tables of ours, and of background work those that are not remade at start. Generated columns are left out; keys of partitions count. */
const tablesSql = `
  with tables as (
    select c.oid, format('%I.%I', n.nspname, c.relname) as name
    from pg_class c join pg_namespace n on n.oid = c.relnamespace
    where c.relkind in ('r', 'p') and not c.relispartition
      and (n.nspname = 'public' or (n.nspname = 'pollux_jobs' and c.relname in ('queue', 'schedule', 'job')))
  ), columns as (
    select t.oid, a.attnum, json_build_object('name', quote_ident(a.attname), 'type', format_type(a.atttypid, a.atttypmod)) as told
    from tables t join pg_attribute a on a.attrelid = t.oid and a.attnum > 0 and not a.attisdropped and a.attgenerated = ''
  )
  select t.name,
    (select json_agg(told order by told->>'name') from columns c where c.oid = t.oid)::text as columns,
    (select coalesce(json_agg(c.told order by array_position(i.indkey::int[], c.attnum::int)), '[]')
      from pg_index i join columns c on c.oid = i.indrelid and c.attnum = any (i.indkey)
      where i.indrelid = t.oid and i.indisprimary)::text as key,
    (select coalesce(json_agg(distinct other.name), '[]') from pg_constraint f join tables other on other.oid = f.confrelid
      where f.contype = 'f' and f.confrelid <> t.oid
        and (f.conrelid = t.oid or f.conrelid in (select inhrelid from pg_inherits where inhparent = t.oid)))::text as needs
  from tables t order by t.name collate "C"`;

export async function readTables(db: Connection): Promise<CopiedTable[]> {
  const rows = await db.execute<{ name: string; columns: string; key: string; needs: string }>(tablesSql, []);
  return rows.map(({ name, columns, key, needs }) => ({
    name,
    columns: JSON.parse(columns) as CopiedColumn[],
    key: JSON.parse(key) as CopiedColumn[],
    needs: JSON.parse(needs) as string[],
  }));
}

/** Each after those it refers to. */
export function inOrder(tables: readonly CopiedTable[]): CopiedTable[] {
  const ordered: CopiedTable[] = [];
  for (let left = tables; left.length > 0;) {
    const missing = new Set(left.map(({ name }) => name));
    const ready = left.filter(({ needs }) => !needs.some((name) => missing.has(name)));
    if (ready.length === 0) throw new Error(`foreign keys form a circle: ${[...missing].join(', ')}`);
    ordered.push(...ready);
    left = left.filter((table) => !ready.includes(table));
  }
  return ordered;
}

const names = (columns: readonly CopiedColumn[]) => columns.map(({ name }) => name).join(', ');
const texts = (columns: readonly CopiedColumn[]) => columns.map(({ name }) => `${name}::text`).join(', ');

/** Rows after a key in the order of keys. Without a key, from the first. */
function following({ name, key }: CopiedTable, after: Cells | null, most: number): string {
  const values = key.map(({ type }, index) => `$${index + 1}::text::${type}`).join(', ');
  const where = after === null ? '' : `where (${names(key)}) > (${values})`;
  return `(select * from ${name} ${where} order by ${names(key)} limit ${most}) as page`;
}

export interface CopiedPage {
  readonly rows: readonly Cells[];
  /** The key of the last row; null if there is none. */
  readonly last: Cells | null;
}

/** The next rows in the order of their keys. */
export async function readPage(db: Connection, table: CopiedTable, after: Cells | null): Promise<CopiedPage> {
  const found = await db.execute<{ row_cells: Cells; row_key: Cells }>(
    `select array[${texts(table.columns)}] as row_cells, array[${texts(table.key)}] as row_key
       from ${following(table, after, pageRows)} order by ${names(table.key)}`,
    after ?? [],
  );
  return { rows: found.map((row) => row.row_cells), last: found.at(-1)?.row_key ?? null };
}

export async function addRows(tx: Connection, { name, columns }: CopiedTable, rows: readonly Cells[]): Promise<void> {
  const arrays = columns.map((_, index) => `$${index + 1}::text[]`).join(', ');
  const read = columns.map(({ type }, index) => `c${index}::${type}`).join(', ');
  await tx.execute(
    `insert into ${name} (${names(columns)}) overriding system value
       select ${read} from unnest(${arrays}) as r(${columns.map((_, index) => `c${index}`).join(', ')})`,
    columns.map((_, index) => rows.map((cells) => cells[index] ?? null)),
  );
}

/** Row count and checksum of a table, read in pages. */
export async function checkTable(tx: Connection, table: CopiedTable): Promise<Checked> {
  const { columns, key } = table;
  let [rows, sum] = [0, 0n];
  for (let after: Cells | null = null; ;) {
    const [page]: { rows: number; sum: string; last: Cells | null }[] = await tx.execute(
      `select count(*)::int as rows,
         coalesce(sum(('x' || substr(md5(row(${texts(columns)})::text), 1, 15))::bit(60)::bigint), 0)::text as sum,
         (array_agg(array[${texts(key)}] order by ${names(key)} desc))[1:1] as last
       from ${following(table, after, checkedRows)}`,
      after ?? [],
    );
    rows += page!.rows;
    sum += BigInt(page!.sum);
    if (page!.rows < checkedRows) return { rows, sum };
    after = [page!.last].flat(2) as Cells;
  }
}

export function told({ rows, sum }: Checked): string {
  return `${rows} row(s), checksum ${BigInt.asUintN(64, sum).toString(16).padStart(16, '0')}`;
}

/** Progress of a copy, in a separate schema that exists from the first copied row to the last checked one. */
const beginSql = `create schema pollux_copy;
  create table pollux_copy.progress (name text primary key, last text[], finished boolean not null default false)`;

export async function isCopying(db: Connection): Promise<boolean> {
  const [row] = await db.execute<{ copying: boolean }>(
    `select to_regclass('pollux_copy.progress') is not null as copying`,
    [],
  );
  return row!.copying;
}

/** Empties the tables, which hold no account. What a server that was started once left there goes. */
export async function beginCopy(tx: Connection, tables: readonly CopiedTable[]): Promise<void> {
  await tx.execute(`truncate ${tables.map(({ name }) => name).join(', ')} cascade`, []);
  await tx.execute(beginSql, []);
}

export async function hasAccounts(db: Connection): Promise<boolean> {
  const [row] = await db.execute<{ used: boolean }>(`select exists (select from users) as used`, []);
  return row!.used;
}

export interface Progress {
  readonly last: Cells | null;
  readonly finished: boolean;
}

export async function readProgress(db: Connection, { name }: CopiedTable): Promise<Progress> {
  const [row] = await db.execute<Progress>(`select last, finished from pollux_copy.progress where name = $1`, [name]);
  return row ?? { last: null, finished: false };
}

export async function saveProgress(tx: Connection, { name }: CopiedTable, { last, finished }: Progress): Promise<void> {
  await tx.execute(
    `insert into pollux_copy.progress (name, last, finished) values ($1, $2::text[], $3)
       on conflict (name) do update set last = coalesce(excluded.last, progress.last), finished = excluded.finished`,
    [name, last, finished],
  );
}

export interface Counter {
  readonly name: string;
  readonly last: string;
}

/** Sequences that were used. */
export function readCounters(db: Connection): Promise<Counter[]> {
  return db.execute<Counter>(
    `select format('%I.%I', schemaname, sequencename) as name, last_value::text as last from pg_sequences
       where schemaname = 'public' and last_value is not null`,
    [],
  );
}

export async function setCounters(tx: Connection, counters: readonly Counter[]): Promise<void> {
  for (const { name, last } of counters) {
    await tx.execute(`select setval($1::text::regclass, $2::text::bigint)`, [name, last]);
  }
}

export async function endCopy(tx: Connection): Promise<void> {
  await tx.execute('drop schema pollux_copy cascade', []);
}
