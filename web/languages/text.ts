/** Texts by their id, in the current language. */
import { i18n } from '@lingui/core';
import { useSyncExternalStore } from 'react';

export type TextValues = Readonly<Record<string, string | number>>;
export type Text = (id: string, values?: TextValues) => string;

const subscribe = (listener: () => void) => i18n.on('change', listener);

/** For components: renders again when the language changes. */
export function useText(): Text {
  useSyncExternalStore(subscribe, () => i18n.locale);
  return text;
}

/** For code outside of components. */
export const text: Text = (id, values) => i18n._(id, values);

/** Such as "40%". */
export function percentText(percent: number): string {
  return new Intl.NumberFormat(locale(), { style: 'percent' }).format(percent / 100);
}

/** The locale for dates and numbers: the current language, with the browser's region. */
export function locale(): string {
  const language = i18n.locale || 'en';
  return navigator.languages.find((tag) => tag.split('-')[0] === language) ?? language;
}
