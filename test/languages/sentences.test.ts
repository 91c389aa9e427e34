/** Every sentence of the server for users is in the catalogs, in every language, and not in the code. */
import { globSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { compileIcu, parsePo } from 'pofile-ts';
import { describe, expect, it } from 'vitest';
import { problemCodes, problems } from '../../contract/errors.ts';
import { failureCodes } from '../../contract/messages.ts';
import { dashed, languages, say } from '../../server/languages/catalog.ts';
import { failureSentence } from '../../server/languages/failed-reply.ts';

const root = path.resolve(import.meta.dirname, '../..');
const read = (file: string) => readFileSync(path.join(root, file), 'utf8');
const files = globSync('server/**/*.ts', { cwd: root }).filter((file) => !file.endsWith('.test.ts'));
const code = files.map(read).join('\n');
const catalogOf = (language: string) =>
  new Map(parsePo(read(`contract/languages/${language}.po`)).items.map(({ msgid, msgstr }) => [msgid, msgstr[0]!]));
const isSaidByServer = (id: string) => /^(title|problem|field|failure|shared-page)\./.test(id);
const english = catalogOf('en');
const said = [...english.keys()].filter(isSaidByServer);

/** The only file that looks up sentences for `code` or `code.reason`. */
const thrown = [...code.matchAll(/new ProblemError\(\s*'(\w+)'(?:\)|,\s*\{\s*(?:(\w+):\s*'([\w-]+)'|(\w+|\.\.\.)))/g)];

describe('the server', () => {
  it('has the languages of the client, English first', () => {
    expect(languages).toEqual(['en', 'ar', 'es', 'hi', 'ja']);
  });

  it('has a sentence for every problem that it throws', () => {
    expect(thrown.length).toBeGreaterThan(25);
    for (const [, problem, key, reason, other] of thrown) {
      // A computed reason is checked below.
      if (other === '...' || (key !== undefined && key !== 'reason') || code.includes(`'${problem}', { reason, `))
        continue;
      const id = `problem.${dashed(problem!)}${key === 'reason' ? `.${reason}` : ''}`;
      expect(english.has(id), id).toBe(true);
    }
    const reasons = [...code.matchAll(/(?<!details: \{ )reason: '([\w-]+)'/g)].map(([, reason]) => reason!);
    expect(reasons.filter((reason) => !said.some((id) => id.endsWith(`.${reason}`)))).toEqual([]);
  });

  it('has each sentence once in a catalog', () => {
    for (const language of languages) {
      const { items } = parsePo(read(`contract/languages/${language}.po`));
      expect(items.length, language).toBe(catalogOf(language).size);
    }
  });

  it('uses every sentence of the catalogs', () => {
    for (const id of said) {
      const [kind, word, reason] = id.split('.');
      const isAsked =
        kind === 'field'
          ? code.includes(`'${word}'`)
          : code.includes(`'${reason ?? word!.replaceAll('-', '_')}'`) || kind !== 'problem';
      expect(isAsked, id).toBe(true);
    }
  });

  it('names no model vendor in any language', () => {
    const naming = languages.flatMap((language) =>
      [...catalogOf(language)]
        .filter(([, text]) => /gemini|google|openai/i.test(text))
        .map(([id]) => `${language} ${id}`),
    );
    expect(naming).toEqual([]);
  });

  it('has no sentence in its code', () => {
    expect([...code.matchAll(/new ProblemError\(\s*'\w+',\s*['"`]/g)]).toEqual([]);
    // The API documents are in English.
    const speaking = files.filter((file) => !/^server\/http\/(openapi|docs)/.test(file));
    expect(speaking.filter((file) => /\b(?:detail|title): *['"`]/.test(read(file)))).toEqual([]);
  });

  it('names every kind of problem as the contract does', () => {
    expect(said.filter((id) => id.startsWith('title.'))).toHaveLength(problemCodes.length);
    for (const problem of problemCodes) expect(say('en', `title.${dashed(problem)}`)).toBe(problems[problem].title);
  });
});

describe.each(languages)('in %s', (language) => {
  const catalog = catalogOf(language);

  it('every sentence parses and has its values', () => {
    for (const id of said) {
      const format = compileIcu(catalog.get(id)!, { locale: language });
      const values = [...english.get(id)!.matchAll(/\{(\w+)[,}]/g)].map(([, name]) => name!);
      for (const count of [0, 1, 2, 3, 11, 100]) {
        const text = String(format(Object.fromEntries(values.map((name) => [name, count]))));
        expect(text, id).not.toMatch(/[{}]/);
        expect(text.length, id).toBeGreaterThan(2);
      }
    }
  });

  if (language !== 'en') {
    it('every sentence is translated', () => {
      expect(said.filter((id) => catalog.get(id) === english.get(id))).toEqual([]);
    });
  }

  it('each failure of a reply has its own sentence, charged or not', () => {
    const sentences = failureCodes.flatMap((failure) =>
      [true, false].map((counted) => failureSentence(language, failure, counted)),
    );
    expect(new Set(sentences).size).toBe(failureCodes.length * 2);
  });
});

it('an id that no catalog has throws', () => {
  expect(() => say('en', 'problem.unheard-of')).toThrow(/unheard-of/);
});

it('a language that lacks a sentence falls back to English', () => {
  expect(say('tlh', 'problem.not-found')).toBe('There is nothing here.');
});
