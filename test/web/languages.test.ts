/** Every text of the client has a translation in every language, with the same values; and no text is in the code. */
import { globSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';

const root = path.resolve(import.meta.dirname, '../../web');
const read = (file: string) => readFileSync(path.join(root, file), 'utf8');
const catalogs = Object.fromEntries(
  globSync('../contract/languages/*.po', { cwd: root }).map((file) => [
    path.basename(file, '.po'),
    entriesOf(read(file)),
  ]),
);
const sources = globSync('**/*.{ts,tsx}', { cwd: root, exclude: ['dist/**'] }).map((file) => ({
  file,
  text: read(file),
}));

function entriesOf(po: string): Map<string, string> {
  return new Map([...po.matchAll(/^msgid "(.+)"\nmsgstr "(.*)"$/gm)].map(([, id, text]) => [id!, text!]));
}

/** Names of a text's values. */
function valuesIn(text: string): string[] {
  return [...new Set([...text.matchAll(/\{(\w+)[,}]/g)].map(([, name]) => name!))].toSorted();
}

describe.each(Object.entries(catalogs))('%s', (_language, entries) => {
  it('has every text, none of them empty, with the same values', () => {
    const english = catalogs.en!;
    expect([...entries.keys()]).toEqual([...english.keys()]);
    for (const [id, text] of entries) {
      expect(text, id).not.toBe('');
      expect(valuesIn(text), id).toEqual(valuesIn(english.get(id)!));
    }
  });
});

it('there are five languages, with different scripts', () => {
  expect(Object.keys(catalogs).toSorted()).toEqual(['ar', 'en', 'es', 'hi', 'ja']);
  expect(catalogs.en!.size).toBeGreaterThan(100);
});

/** Texts that the server alone uses. */
const ofServer = /^(title|problem|field|failure|push\.(complete|failed)$|shared-page|status-page|upload-failure)/;

it('every text that the code uses exists, and every existing text is used', () => {
  const code = sources.map(({ text }) => text).join('\n');
  const asked = [...code.matchAll(/\btext\(\s*'([\w.-]+)'/g)].map(([, id]) => id!);
  expect(asked.length).toBeGreaterThan(80);
  expect(asked.filter((id) => !catalogs.en!.has(id))).toEqual([]);
  const made = [...code.matchAll(/`([a-z]+\.)\$\{/g)].map(([, start]) => start!);
  const unused = [...catalogs.en!.keys()].filter(
    (id) => !ofServer.test(id) && !code.includes(`'${id}'`) && !made.some((start) => id.startsWith(start)),
  );
  expect(unused).toEqual([]);
});

it('no text is in the code of a component', () => {
  const names = new Set(['Pollux', 'Basic', 'Pro']);
  const found = sources
    .filter(({ file }) => file.endsWith('.tsx'))
    .flatMap(({ file, text }) => {
      const shown = [...text.matchAll(/(?<!=)>\s*([A-Z][a-z]+(?: [a-z]+)*[.!?]?)\s*</g)].map(([, words]) => words!);
      const named = [...text.matchAll(/(?:aria-label|title|placeholder|alt)="([^"]+)"/g)].map(([, words]) => words!);
      return [...shown, ...named].filter((words) => !names.has(words)).map((words) => `${file}: ${words}`);
    });
  expect(found).toEqual([]);
});
