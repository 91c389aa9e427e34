/** Copies the embedded database into an empty PostgreSQL. The source is only read. */
import { StartRefused } from '../config/start-refused.ts';
import type { Connection, Database } from '../ports/database.ts';
import {
  addRows,
  beginCopy,
  checkTable,
  endCopy,
  hasAccounts,
  isCopying,
  readCounters,
  readPage,
  readProgress,
  readTables,
  saveProgress,
  setCounters,
  writeAsText,
  inOrder,
  told,
  type Cells,
  type CopiedTable,
} from './copy-store.ts';

/**
 * Copies all rows in pages and continues a copy that was interrupted; returns one line for each table with its count and
 * checksum, which are equal on both sides. Throws `StartRefused` if the target holds accounts or other rows than the source.
 */
export async function copyDatabase(source: Database, target: Database): Promise<string[]> {
  return source.transaction(async (reader) => {
    await reader.execute('set transaction read only', []);
    await writeAsText(reader);
    const tables = await tablesOf(reader, target);
    await begin(target, tables);
    for (const table of tables) await copyTable(reader, target, table);
    const counters = await readCounters(reader);
    await target.transaction((tx) => setCounters(tx, counters));
    const lines = await compare(reader, target, tables);
    await target.transaction(endCopy);
    return lines;
  });
}

/** The tables, which both have, each after those it refers to. */
async function tablesOf(source: Connection, target: Connection): Promise<CopiedTable[]> {
  const [tables, others] = [await readTables(source), await readTables(target)];
  if (JSON.stringify(tables) !== JSON.stringify(others))
    throw new StartRefused(
      'The tables of the folder and of the database differ: one of them was used by a newer version. Run copy-to with the newest version that used either.',
    );
  return inOrder(tables);
}

async function begin(target: Database, tables: readonly CopiedTable[]): Promise<void> {
  await target.transaction(async (tx) => {
    if (await isCopying(tx)) return;
    if (await hasAccounts(tx))
      throw new StartRefused('The database already has accounts. Copy into an empty one: createdb NAME.');
    await beginCopy(tx, tables);
  });
}

async function copyTable(source: Connection, target: Database, table: CopiedTable): Promise<void> {
  let { last, finished } = await readProgress(target, table);
  while (!finished) {
    const page = await readPage(source, table, last);
    finished = page.last === null;
    last = page.last;
    await savePage(target, table, page.rows, { last, finished }).catch(explained);
  }
}

/** Rows and progress are committed together, so that a killed copy continues behind its last row. */
async function savePage(
  target: Database,
  table: CopiedTable,
  rows: readonly Cells[],
  progress: { last: Cells | null; finished: boolean },
): Promise<void> {
  await target.transaction(async (tx) => {
    await writeAsText(tx);
    if (rows.length > 0) await addRows(tx, table, rows);
    await saveProgress(tx, table, progress);
  });
}

/** SQLSTATE class 23: a row contradicts one that is there. */
function explained(error: unknown): never {
  const { code } = error as { code?: unknown };
  throw typeof code === 'string' && code.startsWith('23') ? changed('rows contradict each other', error) : error;
}

function changed(what: string, cause?: unknown): StartRefused {
  return new StartRefused(
    `The copy is not exact: ${what}. The folder or the database has changed since the copy began. Empty the database (dropdb, createdb) and run copy-to again.`,
    { cause },
  );
}

async function compare(source: Connection, target: Database, tables: readonly CopiedTable[]): Promise<string[]> {
  const lines: string[] = [];
  for (const table of tables) {
    const original = await checkTable(source, table);
    const copy = await target.transaction(async (tx) => {
      await writeAsText(tx);
      return checkTable(tx, table);
    });
    const line = `${table.name}  ${told(original)}`;
    if (original.rows !== copy.rows || original.sum !== copy.sum) throw changed(`${line}, in the copy ${told(copy)}`);
    lines.push(line);
  }
  return lines;
}
