/** Tests are repeatable: random choices have a seed, and nothing is retried until it passes. */
import path from 'node:path';
import { expect, it } from 'vitest';
import { readSources, sourceOf, type Source } from './sources.ts';

const root = path.resolve(import.meta.dirname, '../..');
const forbidden = [/\bMath\.random\(/, /\bretry: *\d/, /\bfc\.assert\((?![\s\S]*\bseed\b)/];

function unrepeatable(sources: readonly Source[]): string[] {
  return sources
    .filter(({ path }) => path.startsWith('test/') || path.endsWith('.test.ts'))
    .filter(({ path }) => path !== 'test/architecture/chance.test.ts')
    .filter(({ text }) => forbidden.some((pattern) => pattern.test(text)))
    .map(({ path }) => path);
}

it('no test uses unseeded randomness or is retried', () => {
  expect(unrepeatable(readSources(root)), 'use test/random.ts; wait on signals').toEqual([]);
});

it.each(['const n = Math.random();', `it('x', { retry: 3 }, () => {});`, 'fc.assert(property);'])(
  'such as `%s` is detected',
  (text) => {
    expect(unrepeatable([sourceOf('test/made-up.test.ts', text)])).toEqual(['test/made-up.test.ts']);
    expect(unrepeatable([sourceOf('server/made-up.ts', text)])).toEqual([]);
  },
);
