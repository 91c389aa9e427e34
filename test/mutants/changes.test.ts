/** Keeps the list of deliberate changes valid: each matches the current source, and names a test that exists. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, it } from 'vitest';
import { changes } from './all-changes.ts';
import { changed } from './change.ts';
import { changesPage } from './changes-page.ts';

const root = path.resolve(import.meta.dirname, '../..');
const read = (file: string) => readFileSync(path.join(root, file), 'utf8');

it.each(changes)('can be made: $breaks', (change) => {
  const text = read(change.file);
  expect(changed(text, change)).not.toBe(text);
  expect(read(change.test).replaceAll(/\\(['"])/g, '$1')).toContain(change.named);
});

it('have unique descriptions, and are listed in docs/mutants.md', () => {
  expect(changes.length).toBeGreaterThanOrEqual(52);
  expect(new Set(changes.map(({ breaks }) => breaks)).size).toBe(changes.length);
  expect(read('docs/mutants.md'), 'run `npm run test:mutants -- --write`').toBe(changesPage(changes));
});

it('are rejected when they do not match the source', () => {
  const change = { file: 'made-up.ts', find: 'a  +\n b', replace: 'a - b' };
  expect(changed('x = a + b;', change)).toBe('x = a - b;');
  expect(() => changed('x = a * b;', change)).toThrow('0 places in made-up.ts read: a');
  expect(() => changed('x = a + b + a + b;', change)).toThrow('2 places');
});
