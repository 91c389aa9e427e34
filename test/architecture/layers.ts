/** The allowed imports. Types count too: a type needed by lower layers belongs to the lowest of them. */
import type { Import, Source } from './sources.ts';

/** Features from the bottom up, each with those it may use. A feature that is not listed may use none. */
const features: Readonly<Record<string, readonly string[]>> = {
  audit: [],
  accounts: ['audit'],
  plans: ['accounts', 'audit', 'models'],
  subscriptions: ['accounts', 'plans'],
  memories: ['accounts'],
  chatrooms: ['accounts', 'models'],
  models: ['accounts'],
  // A question is charged in the statement that accepts it.
  messages: ['accounts', 'chatrooms', 'models', 'plans'],
  replies: ['accounts', 'chatrooms', 'files', 'memories', 'messages', 'models', 'plans'],
  shares: ['accounts', 'chatrooms', 'messages'],
  search: ['accounts', 'chatrooms', 'messages'],
  events: ['accounts', 'chatrooms'],
  files: ['accounts', 'chatrooms'],
  // Tells people of replies that have ended.
  push: ['accounts', 'replies'],
  // Exports and deletes the data of the others.
  privacy: ['accounts', 'chatrooms', 'files', 'memories', 'messages', 'plans', 'push'],
  // The features it reports on.
  health: ['accounts', 'models', 'plans', 'replies'],
  admin: [
    'accounts',
    'audit',
    'privacy',
    'chatrooms',
    'events',
    'messages',
    'plans',
    'replies',
    'health',
    'subscriptions',
  ],
};

const notFeatures = ['adapters', 'config', 'http', 'jobs', 'languages', 'migrations', 'ports', 'problems', 'process'];
/** The wiring; nothing below may import it. */
const wiring = [
  'api',
  'cli',
  'compose',
  'compose-admin',
  'health/server',
  'main',
  'offer',
  'parts',
  'process/cluster',
  'process/operate',
  'process/run',
  'process/run-command',
  'process/start',
  'worker',
].map((name) => `server/${name}.ts`);

/** Null when `source` may import it, otherwise the reason. */
type Rule = (source: Source, imported: Import) => string | null;

function featureOf(path: string): string | null {
  const [, folder, file] = /^server\/([^/]+)\/(.+)$/.exec(path) ?? [];
  return folder === undefined || file === undefined || notFeatures.includes(folder) ? null : folder;
}

/** What every feature may import. */
const isKit = (path: string) => path.startsWith('server/jobs/');
const isAdapter = (path: string) => path.startsWith('server/adapters/');
const isPort = (path: string) => path.startsWith('server/ports/');
const isContract = (path: string) => path.startsWith('contract/');
const isShipped = (path: string) => isContract(path) || path.startsWith('server/');
const isFake = (path: string) => path.startsWith('dev/stripe/');
const isTest = (path: string) => path.endsWith('.test.ts');

const rules: readonly Rule[] = [
  function featureOrder({ path }, { target }) {
    const [from, to] = [featureOf(path), featureOf(target)];
    if (from === null || to === null || from === to) return null;
    return features[from]?.includes(to) ? null : `the feature ${from} may not use ${to}`;
  },
  function onlyCompositionImportsAdapters({ path }, { target }) {
    if (!isAdapter(target) || !path.startsWith('server/') || isAdapter(path)) return null;
    return /^server\/compose(-admin)?\.ts$/.test(path) ? null : 'only compose.ts imports adapters';
  },
  function nothingImportsWiring({ path }, { target }) {
    const below = isShipped(path) && !wiring.includes(path);
    return below && wiring.includes(target) ? `${target} is wiring, which may not be imported` : null;
  },
  function adaptersImportPorts({ path }, { target }) {
    return isAdapter(path) && featureOf(target) !== null ? 'an adapter may import ports, not features' : null;
  },
  function kitsImportNoFeature({ path }, { target }) {
    return isKit(path) && featureOf(target) !== null ? 'a kit knows no feature' : null;
  },
  function portsImportOnlyTheContract({ path }, { target }) {
    return isPort(path) && !isPort(target) && !isContract(target) ? 'a port may import only the contract' : null;
  },
  function contractImportsNothing({ path }, { target }) {
    return isContract(path) && !isContract(target) ? 'the contract imports nothing else' : null;
  },
  function shippedImportsNoTests({ path }, { target }) {
    return isShipped(path) && !isShipped(target) && target !== 'package.json' ? 'shipped code may not import it' : null;
  },
  function fakeImportsNoProduct({ path }, { target, ours }) {
    return isFake(path) && ours && !isFake(target) ? 'a fake vendor may not import the product' : null;
  },
];

/** Every import that is not allowed. Tests may import anything. */
export function wrongImports(sources: readonly Source[]): string[] {
  return sources
    .filter(({ path }) => !isTest(path))
    .flatMap((source) =>
      source.imports.flatMap((imported) => reasonsAgainst(source, imported).map((why) => at(source, imported, why))),
    );
}

function reasonsAgainst(source: Source, imported: Import): string[] {
  if (imported.ours) return rules.map((rule) => rule(source, imported)).filter((why) => why !== null);
  const foreign = isContract(source.path) && imported.target !== 'typebox';
  return foreign ? ['the contract may import only typebox'] : [];
}

function at({ path }: Source, { target, line }: Import, why: string): string {
  return `${path}:${line} imports ${target}: ${why}`;
}

/** Files that import each other in a cycle, one line for each cycle. */
export function cycles(sources: readonly Source[]): string[] {
  const byPath = new Map(sources.map((source) => [source.path, source]));
  const done = new Set<string>();
  const found: string[] = [];

  function visit(path: string, trail: readonly string[]): void {
    const seenAt = trail.indexOf(path);
    if (seenAt >= 0) found.push([...trail.slice(seenAt), path].join(' -> '));
    if (seenAt >= 0 || done.has(path)) return;
    for (const { target, ours } of byPath.get(path)?.imports ?? []) if (ours) visit(target, [...trail, path]);
    done.add(path);
  }

  for (const { path } of sources) visit(path, []);
  return found;
}
