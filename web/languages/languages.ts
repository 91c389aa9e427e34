/** The languages of the client: every catalog in contract/languages/, so that a language is added by adding a file. */
import { i18n, type Messages } from '@lingui/core';

export interface Language {
  /** BCP 47, the name of the catalog. */
  readonly code: string;
  readonly direction: 'ltr' | 'rtl';
  readonly load: () => Promise<{ messages: Messages }>;
}

/** ISO 15924 scripts that are written from right to left. */
const rightToLeft = new Set(['Adlm', 'Arab', 'Hebr', 'Nkoo', 'Rohg', 'Syrc', 'Thaa']);

const catalogs = import.meta.glob<{ messages: Messages }>('../../contract/languages/*.po');

export const languages: readonly Language[] = Object.entries(catalogs).map(([file, load]) => {
  const code = file.slice(file.lastIndexOf('/') + 1, -3);
  const script = new Intl.Locale(code).maximize().script ?? '';
  return { code, direction: rightToLeft.has(script) ? 'rtl' : 'ltr', load };
});

const key = 'pollux.language';

/** The language that a BCP 47 tag asks for; undefined if there is none. */
export function languageOf(tag: string): Language | undefined {
  return languages.find(({ code }) => code === tag.toLowerCase().split('-')[0]);
}

/** The chosen language, otherwise the first available one of the browser's, otherwise English. */
export function preferredLanguage(): Language {
  const wanted = [localStorage.getItem(key) ?? '', ...navigator.languages];
  for (const tag of wanted) {
    const found = languageOf(tag);
    if (found) return found;
  }
  return languages.find(({ code }) => code === 'en')!;
}

/** Activates a language. */
export async function showLanguage({ code, direction, load }: Language): Promise<void> {
  const { messages } = await load();
  i18n.loadAndActivate({ locale: code, messages });
  document.documentElement.lang = code;
  document.documentElement.dir = direction;
}

/** Stores the choice. */
export async function chooseLanguage(language: Language): Promise<void> {
  localStorage.setItem(key, language.code);
  // Read by `theme.js`, before this file is loaded.
  localStorage.setItem('pollux.direction', language.direction);
  await showLanguage(language);
}
