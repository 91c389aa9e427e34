/**
 * Installs the locked dependencies when they are missing or out of date; quick and silent otherwise. It runs before
 * anything is installed, on whatever Node the machine has, so it is plain JavaScript without dependencies.
 */
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const oldestNode = 20;
/** Older ones cannot run TypeScript with `await using`. */
const serverNode = 24;

const root = fileURLToPath(new URL('..', import.meta.url));
const inRoot = (...names) => path.join(root, ...names);
const binFolder = inRoot('node_modules', '.bin');
/** The hash of the lock that node_modules was installed from. */
const stampFile = inRoot('node_modules', '.pollux-lock');
/** Holds the pid of whoever installs now. */
const turnFile = inRoot('.installing.pid');

class Refused extends Error {}

try {
  await prepare();
} catch (error) {
  if (!(error instanceof Refused)) throw error;
  process.stderr.write(`\n${error.message}\n\n`);
  process.exitCode = 1;
}

async function prepare() {
  if (majorOf(process.versions.node) < oldestNode) {
    throw new Refused(
      `Pollux needs Node ${oldestNode} or newer to start; this is ${process.versions.node}. Install a newer Node and try again.`,
    );
  }
  const lockText = readFileSync(inRoot('package-lock.json'), 'utf8');
  const digest = createHash('sha256').update(lockText).digest('hex');
  if (isInstalled(digest, lockText)) return;
  await takeTurn();
  try {
    // Whoever had the turn before may have installed it.
    if (!isInstalled(digest, lockText)) await install(JSON.parse(lockText).packages);
    await requireServerNode();
    writeFileSync(stampFile, digest);
  } finally {
    rmSync(turnFile, { force: true });
  }
}

function isInstalled(digest, lockText) {
  if (!hasServerNode()) return false;
  if (read(stampFile) === digest) return true;
  if (!agreesWithInstalled(JSON.parse(lockText).packages)) return false;
  writeFileSync(stampFile, digest);
  return true;
}

/** True when somebody ran npm by hand: npm's own record of node_modules says what the lock says. */
function agreesWithInstalled(locked) {
  const record = read(inRoot('node_modules', '.package-lock.json'));
  if (record === null) return false;
  const installed = JSON.parse(record).packages;
  const same = (name) => locked[name]?.version === installed[name]?.version;
  const needed = Object.keys(locked).filter((name) => name !== '' && isFor(locked[name]));
  return needed.every(same) && Object.keys(installed).every(same);
}

/** True for what has to be there on this machine. */
function isFor({ optional, devOptional, peer }) {
  return !optional && !devOptional && !peer;
}

function hasServerNode() {
  return majorOf(process.versions.node) >= serverNode || existsSync(path.join(binFolder, 'node'));
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
    if (isAlive(Number(read(turnFile)))) await new Promise((resolve) => setTimeout(resolve, 500));
    else rmSync(turnFile, { force: true });
  }
}

function isAlive(pid) {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return error.code === 'EPERM';
  }
}

async function install(locked) {
  const { spawn } = await import('node:child_process');
  const names = Object.keys(locked).filter((name) => name !== '' && isFor(locked[name]));
  const stopTelling = tellProgress(names);
  const child = spawnNpm(spawn, [
    'ci',
    // Node 24 itself is a development dependency, and NODE_ENV=production would leave it out.
    '--include=dev',
    '--loglevel=error',
    '--no-audit',
    '--no-fund',
  ]);
  let said = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (said += chunk));
  const failure = await new Promise((resolve) => {
    child.once('error', (error) => resolve(`npm could not be started: ${error.message}`));
    child.once('close', (code, signal) =>
      resolve(code === 0 ? null : `npm ci ended with ${signal ?? `code ${code}`}.`),
    );
  });
  stopTelling(failure === null);
  if (failure === null) return;
  throw new Refused(
    `Pollux could not install its dependencies: ${failure} npm's own words:\n\n${said.trim().split('\n').slice(0, 30).join('\n')}\n\n` +
      'See that the npm registry can be reached and that this folder can be written to, then run the same command again.',
  );
}

/** Runs npm on the machine's own Node: the one in node_modules is about to be replaced. */
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

/** Counts what lies unpacked, on one line in a terminal, every ten seconds elsewhere. Gives the function that ends it. */
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
      const what = count < names.length ? unpacked : `finishing, with Node ${serverNode}`;
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

async function requireServerNode() {
  if (hasServerNode()) return;
  throw new Refused(
    `Pollux runs on Node ${serverNode}, which npm should have installed but did not: install scripts seem to be switched off. ` +
      `Run \`npm rebuild node --ignore-scripts=false\`, or use Node ${serverNode} yourself.`,
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
