/** An embedded database as it is after a first start, copied by tests: copying takes 0.1 s, making one 2 s of CPU time. */
import { createHash } from 'node:crypto';
import { existsSync, globSync, readFileSync } from 'node:fs';
import { cp, mkdir, mkdtemp, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { openPglite } from '../server/adapters/database/pglite.ts';

const root = path.resolve(import.meta.dirname, '..');
const cache = path.join(root, 'node_modules/.cache/pollux-embedded');
/** What the files depend on. */
const sources = [
  'node_modules/@electric-sql/pglite/package.json',
  'server/adapters/database/pglite.ts',
  ...globSync('server/migrations/**/*.{sql,json}', { cwd: root }).toSorted(),
];

/** Fills a folder with a migrated, empty database. */
export async function copyEmbeddedDatabase(folder: string): Promise<void> {
  const hash = createHash('sha256');
  for (const source of sources) hash.update(readFileSync(path.join(root, source)));
  const template = path.join(cache, hash.digest('hex').slice(0, 16));
  if (!existsSync(template)) await makeTemplate(template);
  await cp(template, folder, { recursive: true });
}

/** Several test files may do this at once; the first one to finish wins. */
async function makeTemplate(template: string): Promise<void> {
  await mkdir(cache, { recursive: true });
  const made = await mkdtemp(path.join(cache, 'new-'));
  const database = await openPglite(made);
  await database[Symbol.asyncDispose]();
  await rename(made, template).catch((error: unknown) => {
    if (!existsSync(template)) throw error;
  });
  await rm(made, { recursive: true, force: true });
}
