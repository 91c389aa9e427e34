/** Enforces the house rules: allowed imports, the form of files, and documents that agree with the code. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import packageJson from '../package.json' with { type: 'json' };
import { missingBinaries, unproven, withoutDependencies, type Lock } from '../scripts/lock.ts';
import { settings } from '../server/config/settings.ts';
import { diagram } from './architecture/import-graph.ts';
import { cycles, wrongImports } from './architecture/layers.ts';
import { settingsInExample, settingsInReadme } from './architecture/settings.ts';
import { misshapen } from './architecture/shape.ts';
import { readSources, sourceOf } from './architecture/sources.ts';

const root = path.resolve(import.meta.dirname, '..');
const sources = readSources(root);
const read = (file: string) => readFileSync(path.join(root, file), 'utf8');

describe('imports', () => {
  it('of every kind are found', () => {
    const text = [
      `/** Made up. */`,
      `import a from './a.ts';`,
      `import type { B } from '../b/b.ts';`,
      `import {\n  c,\n  type D,\n} from './c.ts';`,
      `export { e } from './e.ts';`,
      `import './f.ts';`,
      `const g = await import('./g.ts');`,
      `type H = typeof import('./h.ts');`,
      `import { test } from 'node:test';`,
    ].join('\n');
    const { imports } = sourceOf('server/x/made-up.ts', text);
    const ours = ['x/a.ts', 'b/b.ts', 'x/c.ts', 'x/e.ts', 'x/f.ts', 'x/g.ts', 'x/h.ts'].map((name) => `server/${name}`);
    expect(imports.filter(({ ours: isOurs }) => isOurs).map(({ target }) => target)).toEqual(ours);
    expect(imports.map(({ line }) => line)).toEqual([2, 3, 4, 8, 9, 10, 11, 12]);
    expect(sources.length).toBeGreaterThan(100);
  });

  it('follow the layers', () => {
    expect(wrongImports(sources)).toEqual([]);
  });

  it.each([
    ['server/accounts/store.ts', '../messages/store.ts', 'the feature accounts may not use messages'],
    ['server/plans/store.ts', '../subscriptions/store.ts', 'the feature plans may not use subscriptions'],
    ['server/messages/send.ts', '../replies/store.ts', 'the feature messages may not use replies'],
    ['server/brand-new/verb.ts', '../accounts/store.ts', 'the feature brand-new may not use accounts'],
    ['server/accounts/store.ts', '../admin/store.ts', 'the feature accounts may not use admin'],
    ['server/messages/send.ts', '../adapters/redis/connection.ts', 'only compose.ts imports adapters'],
    ['server/worker.ts', './adapters/wake-ups/memory.ts', 'only compose.ts imports adapters'],
    ['server/messages/send.ts', '../compose.ts', 'server/compose.ts is wiring'],
    ['server/http/serve.ts', '../api.ts', 'server/api.ts is wiring'],
    ['server/adapters/sms/console.ts', '../../accounts/keys.ts', 'an adapter may import ports'],
    ['server/ports/sms.ts', '../config/config.ts', 'a port may import only the contract'],
    ['contract/accounts.ts', '../server/problems/problem.ts', 'the contract imports nothing else'],
    ['contract/accounts.ts', 'node:fs', 'the contract may import only typebox'],
    ['server/accounts/store.ts', '../../test/client.ts', 'shipped code may not import it'],
    ['server/billing.ts', '../dev/stripe/world.ts', 'shipped code may not import it'],
    ['dev/stripe/world.ts', '../../server/config/config.ts', 'a fake vendor may not import the product'],
  ])('of %s on %s are detected', (file, target, why) => {
    const bad = sourceOf(file, `/** Made up. */\nimport type { X } from '${target}';\n`);
    expect(wrongImports([bad])).toEqual([expect.stringContaining(why)]);
  });

  it.each([
    ['server/compose.ts', './adapters/redis/connection.ts'],
    ['server/adapters/cache/redis.ts', '../redis/connection.ts'],
    ['server/replies/reply-run.ts', '../messages/store.ts'],
    ['server/admin/commands.ts', '../subscriptions/store.ts'],
    ['server/accounts/codes.test.ts', '../adapters/cache/memory.ts'],
    ['scripts/openapi.ts', '../server/compose.ts'],
  ])('of %s on %s are allowed', (file, target) => {
    expect(wrongImports([sourceOf(file, `/** Made up. */\nimport { x } from '${target}';\n`)])).toEqual([]);
  });

  it('contain no cycle', () => {
    expect(cycles(sources)).toEqual([]);
    const bad = [
      sourceOf('server/a.ts', `import type { B } from './b.ts';`),
      sourceOf('server/b.ts', `const c = await import('./c.ts');`),
      sourceOf('server/c.ts', `export { a } from './a.ts';`),
    ];
    expect(cycles(bad)).toEqual(['server/a.ts -> server/b.ts -> server/c.ts -> server/a.ts']);
  });
});

describe('folders', () => {
  it('import each other as docs/architecture.md shows it; `npm run write:architecture` writes it', () => {
    expect(read('docs/architecture.md')).toContain(
      `<!-- import graph -->\n${diagram(sources)}\n<!-- /import graph -->`,
    );
  });

  it('appear in the diagram without edges that a longer path implies, importers first', () => {
    const made = [
      sourceOf('server/api.ts', `import './accounts/store.ts';\nimport './ports/sms.ts';\nimport '../contract/x.ts';`),
      sourceOf('server/accounts/store.ts', `import type { Sms } from '../ports/sms.ts';\nimport './keys.ts';`),
      sourceOf('server/accounts/keys.ts', ''),
      sourceOf('server/accounts/keys.test.ts', `import '../api.ts';`),
      sourceOf('server/ports/sms.ts', ''),
      sourceOf('contract/x.ts', ''),
    ];
    expect(diagram(made).split('\n').slice(2, -1)).toEqual([
      '    api["api.ts"]',
      '    accounts["accounts"]',
      '    contract["contract"]',
      '    ports["ports"]',
      '    api --> accounts',
      '    api --> contract',
      '    accounts --> ports',
    ]);
  });

  it('are detected when they import each other in a cycle', () => {
    const made = [
      sourceOf('server/config/a.ts', `import '../process/b.ts';`),
      sourceOf('server/process/b.ts', `import '../http/d.ts';`),
      sourceOf('server/http/d.ts', `import '../config/c.ts';`),
      sourceOf('server/config/c.ts', ''),
    ];
    expect(() => diagram(made)).toThrow('config -> process -> http -> config');
    expect(cycles(made)).toEqual([]);
  });
});

describe('files', () => {
  it('are small, begin with their purpose, and have a proper name', () => {
    expect(misshapen(sources)).toEqual([]);
  });

  it.each([
    ['server/long.ts', `/** Long. */\n${'x();\n'.repeat(300)}`, 'has 301 lines'],
    ['server/mute.ts', `import { a } from './a.ts';\n`, 'does not open with'],
    ['server/empty-words.ts', `/** */\nx();\n`, 'does not open with'],
    ['server/CamelCase.ts', `/** Camel. */\n`, 'is not named in kebab-case'],
    ['server/chat_rooms/store.ts', `/** Snake. */\n`, 'is not named in kebab-case'],
    ['server/text-utils.ts', `/** Anything. */\n`, 'has a name without meaning'],
    ['server/common/x.ts', `/** Anything. */\n`, 'has a name without meaning'],
    ['server/named-plan.ts', `/** Plan. */\nx = tier === 'Pro';\n`, 'names a plan'],
    ['server/default.ts', `/** Default. */\nexport default function x() {}\n`, 'has a default export'],
    ['server/default-too.ts', `/** Default. */\nexport { x as default };\n`, 'has a default export'],
  ])('such as %s are detected', (file, text, why) => {
    expect(misshapen([sourceOf(file, text)])).toEqual([expect.stringContaining(why)]);
  });
});

describe('documents', () => {
  const expected = Object.entries(settings).map(([name, { fallback, about }]) => ({ name, fallback, about }));

  it('list every setting as the code has it', () => {
    expect(settingsInReadme(read('README.md'))).toEqual(expected);
    expect(settingsInExample(read('.env.example'))).toEqual(expected);
  });

  it('are detected when they differ', () => {
    const row = (about: string) => `<!-- settings -->\n| \`PORT\` | \`8000\` | ${about} |\n<!-- /settings -->`;
    expect(settingsInReadme(row('a'))).not.toEqual(settingsInReadme(row('b')));
    expect(settingsInReadme(row('a'))).toEqual([{ name: 'PORT', fallback: '8000', about: 'a' }]);
    expect(settingsInExample('# a\n#PORT=8000\n')).toEqual([{ name: 'PORT', fallback: '8000', about: 'a' }]);
  });

  it('lock the dependencies for every platform, each with its integrity, without URLs of a registry', () => {
    const lock = JSON.parse(read('package-lock.json')) as Lock;
    expect(missingBinaries(lock), 'run `npm run lock`').toEqual({});
    expect(unproven(lock.packages), 'run `npm run lock`').toEqual([]);
    expect(withoutDependencies(lock), 'run `npm run lock`').toEqual(lock);
    expect(Object.values(lock.packages).filter((entry) => 'resolved' in entry && entry.link !== true)).toEqual([]);
    const parent = { version: '1.0.0', optionalDependencies: { '@made/up-linux-x64': '1.0.0' } };
    const packages = { '': {}, 'node_modules/@made/up': parent };
    expect(Object.keys(missingBinaries({ packages }))).toEqual(['node_modules/@made/up-linux-x64']);
    expect(unproven(packages)).toEqual(['node_modules/@made/up']);
  });

  it('show the version of package.json', () => {
    expect(read('README.md')).toContain(`\n  Pollux ${packageJson.version}\n`);
    expect(read('deploy/kubernetes/example/kustomization.yaml')).toContain(`newTag: ${packageJson.version} `);
    expect((JSON.parse(read('package-lock.json')) as { version: string }).version).toBe(packageJson.version);
  });

  it('install the Node of the server with the packages, and require it for every platform they name', () => {
    const { dependencies, optionalDependencies, engines } = packageJson;
    const nodes = Object.entries(optionalDependencies).filter(([name]) => name.startsWith('node-'));
    expect(nodes.map(([name]) => name.split('-').slice(-2).join('-')).toSorted()).toEqual([
      'darwin-arm64',
      'darwin-x64',
      'linux-arm64',
      'linux-x64',
    ]);
    expect(engines.node).toBe('>=24');
    expect(nodes.filter(([, version]) => Number(version.split('.')[0]) < 24)).toEqual([]);
    expect(Object.keys(dependencies)).not.toContain('node');
  });
});

describe('commands', () => {
  const scripts: Readonly<Record<string, string>> = packageJson.scripts;
  const bySource = new Map(sources.map((source) => [source.path, source]));

  /** The packages that a file needs, directly or through other files. */
  function packagesOf(file: string, seen = new Set<string>()): string[] {
    if (seen.has(file)) return [];
    seen.add(file);
    return bySource
      .get(file)!
      .imports.flatMap(({ target, ours }) => (ours && bySource.has(target) ? packagesOf(target, seen) : [target]));
  }

  // `npm run dev` starts the other programs.
  const starting = Object.entries(scripts).filter(
    ([name]) => name !== 'dev' && scripts[`pre${name}`]?.endsWith('prepare.mjs run'),
  );

  it.each(starting)('install what they import: npm run %s', (_name, command) => {
    const file = /\S+\.ts/.exec(command)![0];
    const foreign = packagesOf(file).filter((target) => !target.startsWith('node:') && !target.endsWith('.json'));
    const packages = foreign.map((target) => /^(@[^/]+\/)?[^/]+/.exec(target)![0]);
    expect(packages.filter((name) => !(name in packageJson.dependencies))).toEqual([]);
  });

  it('are detected when they import what they do not install', () => {
    expect(packagesOf('server/main.ts')).toContain('fastify');
    expect(packagesOf('scripts/measure-start.ts').filter((name) => !name.startsWith('node:'))).toContain('pg');
    expect(starting.length).toBeGreaterThan(5);
  });

  it('install what they need first, except for those that need nothing or run inside another', () => {
    const alone = Object.keys(scripts).filter((name) => !/^pre[a-z]/.test(name) && !(`pre${name}` in scripts));
    expect(alone.toSorted()).toEqual(['check:openapi', 'lock']);
  });
});
