/**
 * Completes package-lock.json after `npm install`, by `npm run lock`. For binaries of other platforms that a registry lacks,
 * npm omits the entries without a warning, and `npm ci` then rejects the lock everywhere. Every entry gets the
 * integrity of its tarball, and the dependencies of prebuilt packages are removed.
 */
import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { missingBinaries, nameOf, unproven, withoutDependencies, type Lock } from './lock.ts';

const file = 'package-lock.json';

const pruned = pruneLock(withoutDependencies(JSON.parse(readFileSync(file, 'utf8')) as Lock));
const missing = missingBinaries(pruned);
const packages = { ...pruned.packages, ...missing };
const paths = unproven(packages);
for (const place of paths) packages[place] = { ...packages[place], integrity: integrityOf(place) };
const sorted = Object.entries(packages).toSorted(([a], [b]) => a.localeCompare(b, 'en'));
writeFileSync(file, textOf({ ...pruned, packages: Object.fromEntries(sorted) }));
process.stdout.write(
  `${file}: ${Object.keys(missing).length} binaries of other platforms and ${paths.length} integrities added\n`,
);

/** Removes unused entries; in another folder, because npm would record in node_modules that it had installed the result. */
function pruneLock(lock: Lock): Lock {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'pollux-lock-'));
  try {
    mkdirSync(path.join(folder, 'web'));
    for (const name of ['package.json', 'web/package.json', '.npmrc']) copyFileSync(name, path.join(folder, name));
    writeFileSync(path.join(folder, file), textOf(lock));
    npm(folder, 'install', '--package-lock-only', '--ignore-scripts', '--no-audit', '--no-fund');
    return JSON.parse(readFileSync(path.join(folder, file), 'utf8')) as Lock;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function integrityOf(place: string): string {
  const integrity = npm('.', 'view', `${nameOf(place)}@${packages[place]!.version}`, 'dist.integrity').trim();
  if (!integrity.startsWith('sha512-')) throw new Error(`the registry has no integrity for ${place}`);
  return integrity;
}

function npm(cwd: string, ...args: string[]): string {
  return execFileSync('npm', [...args, '--loglevel=error'], { cwd, encoding: 'utf8' });
}

function textOf(lock: Lock): string {
  return `${JSON.stringify(lock, null, 2)}\n`;
}
