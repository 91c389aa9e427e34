/** Restricts DATA_DIR to its owner: it contains messages, phone numbers and the development secret in clear. */
import { chmodSync, existsSync, mkdirSync, readdirSync, statSync } from 'node:fs';
import path from 'node:path';
import { StartRefused } from './start-refused.ts';

/** Entries created by the server. */
const ours = /^(pglite|files|secret\.key.*|catalog-(request|answer)\.json.*)$/;
const openToOthers = 0o077;

/**
 * Creates the folder if necessary and sets its mode to 0700. Throws `StartRefused` if it belongs to another user, or if it
 * is accessible to others and contains foreign files, whose access must not change silently. Does nothing on systems
 * without user ids.
 */
export function protectDataFolder(dataDir: string): void {
  mkdirSync(dataDir, { recursive: true, mode: 0o700 });
  const uid = process.getuid?.();
  if (uid === undefined) return;
  const folder = statSync(dataDir);
  if (folder.uid !== uid) {
    throw new StartRefused(
      `DATA_DIR ${dataDir} belongs to another user (uid ${folder.uid}; this is uid ${uid}), who could read every message. Set DATA_DIR to a folder of this user, or give it over with \`chown -R ${uid}\`.`,
    );
  }
  const secret = path.join(dataDir, 'secret.key');
  if (existsSync(secret)) chmodSync(secret, 0o600);
  if ((folder.mode & openToOthers) === 0) return;
  if (readdirSync(dataDir).some((name) => !ours.test(name))) {
    throw new StartRefused(
      `DATA_DIR ${dataDir} is open to other users and holds other things too. Set DATA_DIR to a folder of its own, or close it with \`chmod 700\`.`,
    );
  }
  chmodSync(dataDir, 0o700);
}

/** Removes other users' access to the files: the embedded database creates them with mode 0666. */
export function closeFiles(directory: string): void {
  if (process.getuid === undefined) return;
  chmodSync(directory, 0o700);
  for (const entry of readdirSync(directory, { withFileTypes: true, recursive: true })) {
    if (entry.isSymbolicLink()) continue;
    chmodSync(path.join(entry.parentPath, entry.name), entry.isDirectory() ? 0o700 : 0o600);
  }
}

/** Runs an operation on the folder and turns system errors into `StartRefused`. */
export async function inDataFolder<T>(dataDir: string, work: () => Promise<T> | T): Promise<T> {
  try {
    return await work();
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (error instanceof StartRefused || code === undefined) throw error;
    throw new StartRefused(
      `DATA_DIR ${dataDir} ${reasons[code] ?? `cannot be used (${code}). Set another DATA_DIR.`}`,
      {
        cause: error,
      },
    );
  }
}

const notWritable = 'cannot be written to by this user. Give the folder to it, or set another DATA_DIR.';
const noFolder = 'is a file, or lies below one. Set DATA_DIR to a folder.';
const full = 'lies on a disk that is full. Make room, or set another DATA_DIR.';

const reasons: Readonly<Record<string, string>> = {
  EEXIST: noFolder,
  ENOTDIR: noFolder,
  EACCES: notWritable,
  EPERM: notWritable,
  EROFS: 'lies on a file system that is read only. Set DATA_DIR to a folder that can be written to.',
  ENOSPC: full,
  EDQUOT: full,
};
