/** Files named by the built client exist: with one missing, the service worker would not be installed. */
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, it } from 'vitest';

const built = path.resolve(import.meta.dirname, '../../web/dist');
const namedIn = (file: string) =>
  [...readFileSync(path.join(built, file), 'utf8').matchAll(/"\/app\/([^"]+\.\w+)"/g)].map(([, name]) => name!);

it.each(['service-worker.js', 'theme.js', 'index.html'])('%s names only existing files', (file) => {
  const named = namedIn(file);
  expect(named.length).toBeGreaterThan(4);
  expect(named.filter((name) => !existsSync(path.join(built, name)))).toEqual([]);
});
