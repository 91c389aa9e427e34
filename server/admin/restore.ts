/** Restores a backup into an empty database and folder. */
import { Readable } from 'node:stream';
import { StartRefused } from '../config/start-refused.ts';
import type { Connection, Database } from '../ports/database.ts';
import type { Storage } from '../ports/storage.ts';
import { checkBackup, readBackup, type Line } from './backup-file.ts';
import {
  addRows,
  beginCopy,
  checkTable,
  endCopy,
  hasAccounts,
  inOrder,
  readTables,
  setCounters,
  told,
  writeAsText,
  type CopiedTable,
} from './copy-store.ts';

export interface RestoreDeps {
  readonly db: Database;
  /** Null for files in S3, which a backup does not hold. */
  readonly folder: Storage | null;
  /** Keeps the generated secret of a development folder. */
  readonly keepSecret: (secret: string) => void;
  readonly version: string;
}

type Lines = AsyncIterator<Line>;
type TableLine = Extract<Line, { kind: 'table' }>;

/**
 * Reads the whole file first, so that nothing is written from a damaged one. All rows become visible with the commit of one
 * transaction, after the files are stored and checksums are compared: a restore that is interrupted leaves the database empty, and
 * can be run again. Throws `StartRefused`. Returns one line for each table, and one for the files.
 */
export async function restore({ db, folder, keepSecret, version }: RestoreDeps, file: string): Promise<string[]> {
  const made = await checkBackup(file);
  return db.transaction(async (tx) => {
    // Files are stored while the transaction waits.
    await tx.execute(`set local idle_in_transaction_session_timeout = 0`, []);
    await writeAsText(tx);
    const tables = await readTables(tx);
    if (JSON.stringify(inOrder(tables)) !== JSON.stringify(made.tables))
      throw new StartRefused(
        `The backup was made by Pollux ${made.version} with other tables than those of this version, ${version}. Restore it with that version, then start this one, which migrates it.`,
      );
    if (await hasAccounts(tx))
      throw new StartRefused(
        'The database already has accounts. Restore into an empty one: another DATA_DIR, or createdb NAME.',
      );
    // As in a copy, so that rows of the ledger leave the roll-ups as they are.
    await beginCopy(tx, tables);
    const report = await write(tx, made.tables, { folder, keepSecret }, readBackup(file)[Symbol.asyncIterator]());
    await endCopy(tx);
    return report;
  });
}

async function write(
  tx: Connection,
  tables: readonly CopiedTable[],
  { folder, keepSecret }: Pick<RestoreDeps, 'folder' | 'keepSecret'>,
  lines: Lines,
): Promise<string[]> {
  const byName = new Map(tables.map((table) => [table.name, table]));
  const report: string[] = [];
  let [files, bytes] = [0, 0];
  for (let next = await lines.next(); !next.done; next = await lines.next()) {
    const line = next.value;
    if (line.kind === 'rows') await addRows(tx, byName.get(line.table)!, line.rows);
    else if (line.kind === 'table') report.push(await compared(tx, byName.get(line.table)!, line));
    else if (line.kind === 'counters') await setCounters(tx, line.counters);
    else if (line.kind === 'secret') keepSecret(line.secret);
    else if (line.kind === 'file') {
      bytes += await storeFile(folder, line.key, lines);
      files += 1;
    }
  }
  if (files > 0) report.push(`${files} file(s), ${bytes} byte(s)`);
  return report;
}

async function compared(tx: Connection, table: CopiedTable, { rows, sum }: TableLine): Promise<string> {
  const checked = await checkTable(tx, table);
  if (checked.rows !== rows || String(checked.sum) !== sum)
    throw new Error(`${table.name} was not restored exactly: ${told(checked)}`);
  return `${table.name}  ${told(checked)}`;
}

/** Stores the bytes that follow; returns how many. */
async function storeFile(folder: Storage | null, key: string, lines: Lines): Promise<number> {
  let size = 0;
  async function* bytes(): AsyncGenerator<Buffer> {
    for (let next = await lines.next(); !next.done; next = await lines.next()) {
      const line = next.value;
      if (line.kind === 'file_end') {
        if (line.size !== size) throw new Error(`${key} has another size than in the backup`);
        return;
      }
      if (line.kind !== 'bytes') throw new Error(`${key} does not end in the backup`);
      const chunk = Buffer.from(line.base64, 'base64');
      size += chunk.length;
      yield chunk;
    }
  }
  if (folder === null) throw new StartRefused('The backup holds files of a folder: restore it without STORAGE_URL.');
  if (!/^[\w-][\w.-]*(\/[\w-][\w.-]*)*$/.test(key)) throw new Error(`${key} is no key of a file`);
  await folder.put(key, Readable.from(bytes()), { maxBytes: Number.MAX_SAFE_INTEGER });
  return size;
}
