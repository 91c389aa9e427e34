/** Databases of the last release have run its migrations, whose checksums are in `migrations.sha256`: none of them may change. */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, it } from 'vitest';

const folder = path.resolve(import.meta.dirname, '../../server/migrations');

it('the migrations of the last release are unchanged', () => {
  const lines = readFileSync(path.join(import.meta.dirname, 'migrations.sha256'), 'utf8')
    .trim()
    .split('\n');
  const released = lines.map((line) => line.split('  ') as [sum: string, name: string]);
  expect(released.length).toBeGreaterThan(30);
  const changed = released.filter(([sum, name]) => {
    const text = readFileSync(path.join(folder, name));
    return createHash('sha256').update(text).digest('hex') !== sum;
  });
  expect(changed).toEqual([]);
});
