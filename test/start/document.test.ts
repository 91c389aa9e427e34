/** docs/troubleshooting.md lists exactly the rows that are tested, and no message contains a password. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, it } from 'vitest';
import { troubleshooting } from './table.ts';
import { wrongValues } from './values.ts';

it('is up to date; `npm run write:troubleshooting` writes it', () => {
  const document = readFileSync(path.join(import.meta.dirname, '../../docs/troubleshooting.md'), 'utf8');
  expect(document.split('<!-- wrong settings -->\n')[1]).toBe(`${troubleshooting()}\n`);
});

it.each(wrongValues.filter(({ given }) => /:[^/]+@/.test(given)))('$sentence does not contain the password', (row) => {
  const [, password = ''] = /\/\/[^:@]*:([^@]+)@/.exec(row.given) ?? [];
  expect(password).not.toBe('');
  expect(row.sentence).not.toContain(password);
});
