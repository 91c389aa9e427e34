/** The languages people can choose; another one is a file in contract/languages and a line here. */
import { i18n, type Messages } from '@lingui/core';

export interface Language {
  readonly code: string;
  /** In its own words. */
  readonly name: string;
  readonly direction: 'ltr' | 'rtl';
  readonly load: () => Promise<{ messages: Messages }>;
}

export const languages: readonly Language[] = [
  { code: 'en', name: 'English', direction: 'ltr', load: () => import('../../contract/languages/en.po') },
  { code: 'es', name: 'Español', direction: 'ltr', load: () => import('../../contract/languages/es.po') },
  { code: 'ar', name: 'العربية', direction: 'rtl', load: () => import('../../contract/languages/ar.po') },
  { code: 'hi', name: 'हिन्दी', direction: 'ltr', load: () => import('../../contract/languages/hi.po') },
  { code: 'ja', name: '日本語', direction: 'ltr', load: () => import('../../contract/languages/ja.po') },
];

const key = 'pollux.language';

/** The language a person chose, otherwise the first of the browser's that there is, otherwise English. */
export function preferredLanguage(): Language {
  const wanted = [localStorage.getItem(key) ?? '', ...navigator.languages];
  for (const tag of wanted) {
    const found = languages.find(({ code }) => code === tag.toLowerCase().split('-')[0]);
    if (found) return found;
  }
  return languages[0]!;
}

/** Shows everything in this language from now on. */
export async function showLanguage({ code, direction, load }: Language): Promise<void> {
  const { messages } = await load();
  i18n.loadAndActivate({ locale: code, messages });
  document.documentElement.lang = code;
  document.documentElement.dir = direction;
}

/** Keeps the choice for later visits. */
export async function chooseLanguage(language: Language): Promise<void> {
  localStorage.setItem(key, language.code);
  await showLanguage(language);
}
