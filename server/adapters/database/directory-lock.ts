/** Locks the embedded database's folder for one process. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { FolderInUse } from '../../config/start-refused.ts';

/**
 * Locks the folder and returns the release; throws `FolderInUse` with the holder's pid. SQLite's lock is the kernel's, so it
 * ends with the process, however that dies.
 */
export function lockDirectory(directory: string): () => void {
  mkdirSync(directory, { recursive: true });
  const pidFile = path.join(directory, 'pollux.pid');
  const lock = new DatabaseSync(path.join(directory, 'pollux.lock'));
  try {
    lock.exec('pragma locking_mode = exclusive; begin exclusive');
  } catch (cause) {
    lock.close();
    throw new FolderInUse(
      `DATA_DIR ${directory} is in use by another Pollux (pid ${readPid(pidFile)}). Stop that one, or set another DATA_DIR.`,
      { cause },
    );
  }
  writeFileSync(pidFile, String(process.pid));
  return () => lock.close();
}

function readPid(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return 'unknown';
  }
}
