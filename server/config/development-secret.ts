/** The generated secret in development, stored in the data folder so that sessions survive a restart. */
import { randomBytes } from 'node:crypto';
import { existsSync, linkSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { protectDataFolder } from './data-folder.ts';

/** Replaces the secret by that of a backup. */
export function replaceDevelopmentSecret(dataDir: string, secret: string): void {
  protectDataFolder(dataDir);
  const file = path.join(dataDir, 'secret.key');
  const draft = `${file}.${process.pid}`;
  writeFileSync(draft, secret, { mode: 0o600 });
  renameSync(draft, file);
}

/** Reads the secret or creates it. Safe with several processes: the first to link its file wins. */
export function developmentSecret(dataDir: string): string {
  protectDataFolder(dataDir);
  const file = path.join(dataDir, 'secret.key');
  if (existsSync(file)) return readFileSync(file, 'utf8');
  const draft = `${file}.${process.pid}`;
  writeFileSync(draft, randomBytes(32).toString('hex'), { mode: 0o600 });
  try {
    linkSync(draft, file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  } finally {
    rmSync(draft);
  }
  return readFileSync(file, 'utf8');
}
