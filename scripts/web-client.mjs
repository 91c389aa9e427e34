/** Builds the web client if its sources have changed. Plain JavaScript, like `prepare.mjs`, which calls it. */
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';

/** File in the build folder with the hash of its sources. */
const stampName = '.built-from';

/** True if `web/dist` was built from the current sources and lock. */
export function isWebClientBuilt(root, lockDigest) {
  const stamp = path.join(root, 'web/dist', stampName);
  return existsSync(stamp) && readFileSync(stamp, 'utf8') === digestOf(root, lockDigest);
}

function digestOf(root, lockDigest) {
  const hash = createHash('sha256').update(lockDigest);
  for (const folder of ['web', 'contract']) {
    const names = readdirSync(path.join(root, folder), { recursive: true }).map(String).toSorted();
    for (const name of names) {
      const file = path.join(root, folder, name);
      if (/^(dist|node_modules)/.test(name) || !statSync(file).isFile()) continue;
      hash.update(`\n${folder}/${name}\n`).update(readFileSync(file));
    }
  }
  return hash.digest('hex');
}

/**
 * Builds into a temporary folder, then replaces the client that a running server serves. Returns null, or the output of a
 * failed build; the old client is kept then.
 */
export async function buildWebClient(root, lockDigest, node) {
  const [built, next, old] = ['dist', 'dist-next', 'dist-old'].map((name) => path.join(root, 'web', name));
  const digest = digestOf(root, lockDigest);
  const vite = path.join(root, 'node_modules/vite/bin/vite.js');
  const config = path.join(root, 'web/vite.config.ts');
  const args = [vite, 'build', '--config', config, '--logLevel', 'warn', '--outDir', 'dist-next'];
  // This build is for the API's origin, whatever options a remote build used.
  const { VITE_API_URL: _, ...env } = process.env;
  const child = spawn(node, args, { cwd: root, env, stdio: ['ignore', 'pipe', 'pipe'] });
  let said = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (said += chunk));
  const code = await new Promise((resolve) => {
    child.once('error', resolve);
    child.once('close', resolve);
  });
  if (code !== 0) return said.trim() || String(code);
  writeFileSync(path.join(next, stampName), digest);
  rmSync(old, { recursive: true, force: true });
  if (existsSync(built)) renameSync(built, old);
  renameSync(next, built);
  rmSync(old, { recursive: true, force: true });
  return null;
}
