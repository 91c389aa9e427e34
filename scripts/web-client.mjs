/** Builds the web client when what it is made of has changed. Plain JavaScript, as `prepare.mjs`, which calls it. */
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';

/** In the folder of what was built: the hash of what it was built from. */
const stampName = '.built-from';

/** True when the client in `web/dist` was built from the sources that are here and the packages of this lock. */
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
 * Builds beside the client that a running server serves, and then takes its place. Returns null, or what the failed build
 * said; the old client stays then.
 */
export async function buildWebClient(root, lockDigest, node) {
  const [built, next, old] = ['dist', 'dist-next', 'dist-old'].map((name) => path.join(root, 'web', name));
  const digest = digestOf(root, lockDigest);
  const vite = path.join(root, 'node_modules/vite/bin/vite.js');
  const config = path.join(root, 'web/vite.config.ts');
  const args = [vite, 'build', '--config', config, '--logLevel', 'warn', '--outDir', 'dist-next'];
  // This one is served beside its API, whatever a client for elsewhere is built with.
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
