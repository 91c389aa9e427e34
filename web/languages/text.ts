/** Texts by their id, in the language of the moment. */
import { i18n } from '@lingui/core';
import { useLingui } from '@lingui/react';

export type TextValues = Readonly<Record<string, string | number>>;
export type Text = (id: string, values?: TextValues) => string;

/** For components: renders again when the language changes. */
export function useText(): Text {
  const { i18n: current } = useLingui();
  return (id, values) => current._(id, values);
}

/** For what runs outside of a component. */
export const text: Text = (id, values) => i18n._(id, values);

/** The locale that dates and numbers are written in: the language shown, as written where the browser's person lives. */
export function locale(): string {
  const language = i18n.locale || 'en';
  return navigator.languages.find((tag) => tag.split('-')[0] === language) ?? language;
}
