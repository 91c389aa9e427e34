/** Sentences for users, from the catalogs shared with the web client: one file per language. */
import { readdirSync, readFileSync } from 'node:fs';
import { compileIcu, parsePo } from 'pofile-ts';

export type Values = Readonly<Record<string, string | number>>;
type Sentence = (values: Values) => string;

const folder = new URL('../../contract/languages/', import.meta.url);

/** Read at start, which fails without them; parsed when a language is first used. */
const files = new Map(
  readdirSync(folder)
    .filter((file) => file.endsWith('.po'))
    .map((file) => [file.slice(0, -'.po'.length), readFileSync(new URL(file, folder), 'utf8')]),
);
const catalogs = new Map<string, ReadonlyMap<string, string>>();

/** Codes of all languages, English first. */
export const languages: readonly string[] = ['en', ...[...files.keys()].filter((code) => code !== 'en').toSorted()];

function catalogOf(language: string): ReadonlyMap<string, string> {
  const known = catalogs.get(language);
  if (known) return known;
  const { items } = parsePo(files.get(language) ?? '');
  const catalog = new Map(items.map(({ msgid, msgstr }) => [msgid, msgstr[0] ?? '']));
  catalogs.set(language, catalog);
  return catalog;
}

/** Bounded by the catalogs. */
const compiled = new Map<string, Sentence>();

/** The sentence with this id and values. Throws if no catalog has the id. */
export function say(language: string, id: string, values: Values = {}): string {
  const key = `${language} ${id}`;
  const known = compiled.get(key);
  if (known) return known(values);
  const sentence = compile(language, id);
  compiled.set(key, sentence);
  return sentence(values);
}

function compile(language: string, id: string): Sentence {
  const text = catalogOf(language).get(id) ?? catalogOf('en').get(id);
  if (text === undefined) throw new Error(`no catalog has the sentence ${id}`);
  const format = compileIcu(text, { locale: language });
  return (values) => String(format(values));
}

/** A code of the contract as written in catalog ids. */
export function dashed(code: string): string {
  return code.replaceAll('_', '-');
}
