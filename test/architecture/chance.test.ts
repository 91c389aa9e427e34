/** Tests do not depend on luck: chance has a seed that can be had again, and nothing is tried until it works. */
import path from 'node:path';
import { expect, it } from 'vitest';
import { readSources, sourceOf, type Source } from './sources.ts';

const root = path.resolve(import.meta.dirname, '../..');
const forbidden = [/\bMath\.random\(/, /\bretry: *\d/, /\bfc\.assert\((?![\s\S]*\bseed\b)/];

function lucky(sources: readonly Source[]): string[] {
  return sources
    .filter(({ path }) => path.startsWith('test/') || path.endsWith('.test.ts'))
    .filter(({ path }) => path !== 'test/architecture/chance.test.ts')
    .filter(({ text }) => forbidden.some((pattern) => pattern.test(text)))
    .map(({ path }) => path);
}

it('no test draws from an unseeded source or is run again when it failed', () => {
  expect(lucky(readSources(root)), 'use test/random.ts; wait on signals').toEqual([]);
});

it.each(['const n = Math.random();', `it('x', { retry: 3 }, () => {});`, 'fc.assert(property);'])(
  'such as `%s` would be found',
  (text) => {
    expect(lucky([sourceOf('test/made-up.test.ts', text)])).toEqual(['test/made-up.test.ts']);
    expect(lucky([sourceOf('server/made-up.ts', text)])).toEqual([]);
  },
);
