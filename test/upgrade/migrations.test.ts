/** Databases of the last release have run its migrations: none of them may change. */
import { expect, it } from 'vitest';
import { changedMigrations, lastRelease, missingRelease } from './last-release.ts';

it('the migrations of the last release are unchanged', ({ skip }) => {
  skip(lastRelease === null, `needs ${missingRelease}`);
  expect(changedMigrations(lastRelease!)).toEqual([]);
});
