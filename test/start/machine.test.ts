/** Faults of the machine end in one message, printed once for any number of processes, on any version of Node. */
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { once } from 'node:events';
import net from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import vm from 'node:vm';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { malformedLine } from '../../server/config/env-file.ts';
import { inDataFolder } from '../../server/config/data-folder.ts';
import { StartRefused } from '../../server/config/start-refused.ts';
import { oldNodes, wrongMachines, type Spot } from './machine.ts';
import { expectRefusal } from './refused-start.ts';

const blocker = net.createServer();
let spot: Spot;

beforeAll(async () => {
  blocker.listen(0, '127.0.0.1');
  await once(blocker, 'listening');
});
afterAll(() => void blocker.close());
beforeEach(async () => {
  spot = {
    folder: await mkdtemp(path.join(tmpdir(), 'pollux-start-')),
    takenPort: (blocker.address() as net.AddressInfo).port,
    nobody: process.getuid?.() === 0 ? 65_534 : null,
  };
});
afterEach(() => rm(spot.folder, { recursive: true, force: true }));

/** The lowest port that users without rights may listen on (Linux). */
const portsFile = '/proc/sys/net/ipv4/ip_unprivileged_port_start';
const firstFreePort = existsSync(portsFile) ? Number(readFileSync(portsFile, 'utf8')) : 1024;

describe('this machine', { timeout: 120_000 }, () => {
  const possible = wrongMachines.filter(({ given }) => firstFreePort > 80 || !given.startsWith('80,'));
  it.each(possible)('$setting: $given', async ({ sentence, environment, options }) => {
    await expectRefusal(sentence, await environment(spot), options?.(spot));
  });

  it('prints a fault that several processes find once', async () => {
    await expectRefusal('REDIS_URL names the host "cache.invalid", which DNS does not resolve. Correct it.', {
      DATABASE_URL: 'postgres://127.0.0.1:1/none',
      REDIS_URL: 'redis://cache.invalid',
      WEB_CONCURRENCY: '4',
    });
  });
});

/** A Node on this machine that is older than ours; null where there is none, and ours then reports an old version. */
const oldNode =
  (process.env.PATH ?? '')
    .split(path.delimiter)
    .map((folder) => path.join(folder, 'node'))
    .find((file) => existsSync(file) && majorOf(file) < 24) ?? null;

function majorOf(node: string): number {
  return Number.parseInt(spawnSync(node, ['-p', 'process.versions.node'], { encoding: 'utf8' }).stdout, 10);
}

describe('an old Node', () => {
  const version = 'Object.defineProperty(process, "versions", { value: { ...process.versions, node: "20.20.2" } })';
  it.each(oldNodes)('is reported by $command', async ({ command, sentence }) => {
    const flags = oldNode === null ? ['--import', `data:text/javascript,${version}`] : [];
    await expectRefusal(sentence, {}, { node: oldNode ?? process.execPath, flags, command: [command] });
  });

  it.each(oldNodes)('can parse $command: a script of plain JavaScript', ({ command }) => {
    const text = readFileSync(path.join(import.meta.dirname, '../..', command), 'utf8');
    expect(new vm.Script(text)).toBeInstanceOf(vm.Script);
  });
});

describe('a folder', () => {
  it.each([
    ['EROFS', 'lies on a file system that is read only. Set DATA_DIR to a folder that can be written to.'],
    ['ENOSPC', 'lies on a disk that is full. Make room, or set another DATA_DIR.'],
    ['EMFILE', 'cannot be used (EMFILE). Set another DATA_DIR.'],
  ])('that answers %s', async (code, words) => {
    const work = () => Promise.reject(Object.assign(new Error('from the system'), { code }));
    await expect(inDataFolder('/data', work)).rejects.toThrow(new StartRefused(`DATA_DIR /data ${words}`));
  });
});

describe('a line of .env', () => {
  it.each([
    '',
    '# PORT: 9000',
    'PORT=9000',
    '  export PORT = 9000 # ours',
    'EMPTY=',
    `SECRET_KEY="a'b"`,
    'KEY="first\nsecond: line\nthird"\nPORT=9000',
    'PORT=9000\r\nHOST=::1\r\n',
  ])('may be %j', (text) => {
    expect(malformedLine(text)).toBeNull();
  });
});
