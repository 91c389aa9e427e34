/** The data folder is unreadable for other users of the machine, and a foreign folder is refused. */
import { spawnSync } from 'node:child_process';
import { chmodSync, chownSync, mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { signIn } from '../client.ts';
import { startProduct } from '../harness.ts';

const stranger = 65_534;
/** Only root can run a process as another user. */
const isRoot = process.getuid?.() === 0;

/** Reads and writes all it can below a folder; prints the numbers of bytes read and files written. */
const snoop = `
const fs = require('node:fs'), path = require('node:path');
let bytes = 0, writable = 0;
function visit(folder) {
  let entries = [];
  try { entries = fs.readdirSync(folder, { withFileTypes: true }); } catch {}
  for (const entry of entries) {
    const file = path.join(folder, entry.name);
    if (entry.isDirectory()) visit(file);
    else {
      try { bytes += fs.readFileSync(file).length; } catch {}
      try { fs.closeSync(fs.openSync(file, 'r+')); writable += 1; } catch {}
    }
  }
}
visit(process.argv[1]);
process.stdout.write(JSON.stringify({ bytes, writable }));`;

function snoopIn(folder: string): { bytes: number; writable: number } {
  const { stdout, stderr } = spawnSync(process.execPath, ['-e', snoop, folder], {
    uid: stranger,
    gid: stranger,
    cwd: '/',
  });
  if (stdout.length === 0) throw new Error(stderr.toString());
  return JSON.parse(stdout.toString());
}

let parent: string;
beforeEach(() => {
  parent = mkdtempSync(path.join(os.tmpdir(), 'pollux-open-'));
  // Common permissions of a parent folder.
  chmodSync(parent, 0o755);
});
afterEach(() => rmSync(parent, { recursive: true, force: true }));

const start = (dataDir: string) =>
  startProduct(
    { environment: { DATA_DIR: dataDir }, async [Symbol.asyncDispose]() {} },
    { environment: { SECRET_KEY: '' } },
  );

describe.skipIf(!isRoot)('another user of the machine', () => {
  it('reads and writes nothing, though an older release left the folder open', { timeout: 60_000 }, async () => {
    const dataDir = path.join(parent, 'data');
    for (const folder of ['', 'pglite']) {
      mkdirSync(path.join(dataDir, folder));
      chmodSync(path.join(dataDir, folder), 0o777);
    }
    writeFileSync(path.join(dataDir, 'secret.key'), '0123456789abcdef');
    chmodSync(path.join(dataDir, 'secret.key'), 0o666);
    expect(snoopIn(parent)).toEqual({ bytes: 16, writable: 1 });
    await using running = await start(dataDir);
    await (await signIn(running.url)).room('Secret plans');
    expect(snoopIn(parent)).toEqual({ bytes: 0, writable: 0 });
    for (const [name, mode] of [
      ['', 0o700],
      ['pglite', 0o700],
      ['pglite/base', 0o700],
      ['pglite/PG_VERSION', 0o600],
      ['secret.key', 0o600],
    ] as const)
      expect(statSync(path.join(dataDir, name)).mode & 0o777, name).toBe(mode);
  });

  it('owns a folder that is refused', async () => {
    const dataDir = path.join(parent, 'theirs');
    mkdirSync(dataDir);
    chownSync(dataDir, stranger, stranger);
    await expect(start(dataDir)).rejects.toThrow(/^DATA_DIR .*theirs belongs to another user \(uid 65534; .*chown/);
    expect(statSync(dataDir).uid).toBe(stranger);
  });
});

it('an open folder with other content is refused and not changed', async () => {
  writeFileSync(path.join(parent, 'thesis.txt'), 'mine');
  await expect(start(parent)).rejects.toThrow(/^DATA_DIR .* is open to other users and holds other things/);
  expect(statSync(parent).mode & 0o777).toBe(0o755);
});
