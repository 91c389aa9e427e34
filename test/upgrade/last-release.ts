/** The last release, unpacked beside this version: the newest tag `vX.Y.Z`, or the commit in `last-release.txt` while there is none. */
import { hash } from 'node:crypto';
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, renameSync, rmSync, symlinkSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';

const root = path.resolve(import.meta.dirname, '../..');

export interface Release {
  /** The tag, or the beginning of the commit. */
  readonly name: string;
  readonly commit: string;
}

function git(...args: string[]): string | null {
  const { status, stdout } = spawnSync('git', args, { cwd: root, encoding: 'utf8' });
  return status === 0 ? stdout.trim() : null;
}

function findRelease(): Release | null {
  const version = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8')).version as string;
  const tags = git('tag', '--list', 'v*', '--merged', 'HEAD', '--sort=-v:refname')?.split('\n').filter(Boolean) ?? [];
  // A release that is being prepared is not compared with itself.
  const tag = tags.find((one) => one !== `v${version}` || git('rev-list', '-1', one) !== git('rev-parse', 'HEAD'));
  const wanted = tag ?? readFileSync(path.join(import.meta.dirname, 'last-release.txt'), 'utf8').trim();
  const commit = git('rev-parse', '--verify', '--quiet', `${wanted}^{commit}`);
  return commit === null ? null : { name: tag ?? commit.slice(0, 7), commit };
}

/** Null if this is no clone, or a shallow one that does not reach back to it. */
export const lastRelease = findRelease();

/** What a machine lacks that cannot unpack it; null if nothing. */
export const missingRelease =
  lastRelease === null
    ? 'the last release in the git history: fetch tags and history (git fetch --unshallow --tags)'
    : null;

/** Unpacks the release into a folder of the system's temporary ones, once for this copy of the sources; returns its path. */
export function unpackRelease({ commit }: Release): string {
  const folder = path.join(os.tmpdir(), `pollux-release-${commit.slice(0, 12)}-${hash('sha256', root).slice(0, 8)}`);
  if (existsSync(folder)) return folder;
  const made = mkdtempSync(path.join(os.tmpdir(), 'pollux-release-new-'));
  const archive = execFileSync('git', ['archive', '--format=tar', commit], { cwd: root, maxBuffer: 512 * 1024 * 1024 });
  execFileSync('tar', ['-x', '-C', made], { input: archive });
  addPackages(made);
  try {
    renameSync(made, folder);
  } catch (error) {
    // Another process was first.
    rmSync(made, { recursive: true, force: true });
    if (!existsSync(folder)) throw error;
  }
  return folder;
}

interface Lock {
  readonly packages: Readonly<
    Record<string, { readonly version?: string; readonly dev?: boolean; readonly optional?: boolean }>
  >;
}

/** The packages of this version where they are those that the release locks, otherwise its own. */
function addPackages(folder: string): void {
  const lockOf = (place: string) => JSON.parse(readFileSync(path.join(place, 'package-lock.json'), 'utf8')) as Lock;
  const ours = lockOf(root).packages;
  const needed = Object.entries(lockOf(folder).packages).filter(
    ([name, one]) => name.startsWith('node_modules/') && !one.dev && !one.optional,
  );
  const isSame = needed.every(([name, { version }]) => ours[name]?.version === version);
  if (isSame) symlinkSync(path.join(root, 'node_modules'), path.join(folder, 'node_modules'));
  else execFileSync('npm', ['ci', '--omit=dev', '--ignore-scripts', '--no-audit', '--no-fund'], { cwd: folder });
}
