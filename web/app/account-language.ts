/** Keeps the language in step between the devices of an account. */
import { i18n } from '@lingui/core';
import { useQuery } from '@tanstack/react-query';
import { useEffect } from 'react';
import { changeSettings, readSettings } from '../api/memories.ts';
import { chooseLanguage, languageOf, type Language } from '../languages/languages.ts';
import { text } from '../languages/text.ts';
import { showToast } from '../ui/toast.tsx';
import { keys } from './keys.ts';
import { queries } from './queries.ts';

/** Choices are saved one after another, so that the last one is kept. */
let saved: Promise<void> = Promise.resolve();
let unsaved = 0;

/** Shows the language that was chosen on any device; none of the account's: the one of this device. */
export function useAccountLanguage(): void {
  const { data } = useQuery({ queryKey: keys.settings, queryFn: ({ signal }) => readSettings(signal) });
  const tag = data?.language ?? null;
  useEffect(() => {
    const language = tag === null ? undefined : languageOf(tag);
    if (language && language.code !== i18n.locale && unsaved === 0) void chooseLanguage(language);
  }, [tag]);
}

/** Shows a language and saves the choice for other devices. */
export async function chooseAccountLanguage(language: Language): Promise<void> {
  unsaved += 1;
  await chooseLanguage(language);
  saved = saved.then(() => save(language.code));
  await saved;
}

async function save(language: string): Promise<void> {
  try {
    const settings = await changeSettings({ language });
    // Otherwise what was read before could come last.
    await queries.cancelQueries({ queryKey: keys.settings });
    unsaved -= 1;
    queries.setQueryData(keys.settings, settings);
  } catch {
    unsaved -= 1;
    showToast({ message: text('settings.language-not-saved') });
  }
}
