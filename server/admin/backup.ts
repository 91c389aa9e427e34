/** Writes a backup: all rows as of one moment, and the files of the folder. */
import type { Connection, Database } from '../ports/database.ts';
import type { Storage } from '../ports/storage.ts';
import { firstLine, writeBackup, type Line } from './backup-file.ts';
import {
  checkTable,
  inOrder,
  readCounters,
  readPage,
  readTables,
  told,
  writeAsText,
  type Cells,
  type CopiedTable,
} from './copy-store.ts';

export interface BackupDeps {
  readonly db: Database;
  /** Null for files in S3, which a backup does not hold. */
  readonly folder: Storage | null;
  /** The generated secret of a development folder; null if it is a setting. */
  readonly secret: string | null;
  readonly version: string;
}

/** Of files that are being written. */
const unfinished = 'incoming/';
const chunkBytes = 256 * 1024;
/** Files are read while the transaction that holds the snapshot waits. */
const mayWait = `set local idle_in_transaction_session_timeout = 0`;

/**
 * Servers may run on PostgreSQL meanwhile: rows are read in one snapshot. Files never change and are copied after it, so that those
 * of the snapshot are there but for what people delete in between. Returns one line for each table, and one for the files.
 */
export async function backUp({ db, folder, secret, version }: BackupDeps, file: string): Promise<string[]> {
  const report: string[] = [];
  await db.transaction(async (tx) => {
    await tx.execute('set transaction isolation level repeatable read read only', []);
    await tx.execute(mayWait, []);
    await writeAsText(tx);
    const tables = inOrder(await readTables(tx));

    async function* lines(): AsyncGenerator<Line> {
      yield firstLine(version, tables);
      for (const table of tables) yield* rowsOf(tx, table, report);
      yield { kind: 'counters', counters: await readCounters(tx) };
      if (secret !== null) yield { kind: 'secret', secret };
      if (folder !== null) yield* filesOf(folder, report);
    }
    await writeBackup(file, lines());
  });
  return report;
}

async function* rowsOf(tx: Connection, table: CopiedTable, report: string[]): AsyncGenerator<Line> {
  for (let after: Cells | null = null; ;) {
    const page = await readPage(tx, table, after);
    if (page.last === null) break;
    yield { kind: 'rows', table: table.name, rows: page.rows };
    after = page.last;
  }
  const checked = await checkTable(tx, table);
  report.push(`${table.name}  ${told(checked)}`);
  yield { kind: 'table', table: table.name, rows: checked.rows, sum: String(checked.sum) };
}

async function* filesOf(folder: Storage, report: string[]): AsyncGenerator<Line> {
  let [files, bytes] = [0, 0];
  for await (const { key } of folder.list()) {
    const stream = key.startsWith(unfinished) ? null : await folder.get(key);
    if (stream === null) continue;
    yield { kind: 'file', key };
    let size = 0;
    for await (const chunk of stream as AsyncIterable<Buffer>) {
      for (let at = 0; at < chunk.length; at += chunkBytes) {
        yield { kind: 'bytes', base64: chunk.subarray(at, at + chunkBytes).toString('base64') };
      }
      size += chunk.length;
    }
    yield { kind: 'file_end', key, size };
    files += 1;
    bytes += size;
  }
  report.push(`${files} file(s), ${bytes} byte(s)`);
}
