/** The settings page: language, theme, instructions, memories, files, account and signed-in devices. */
import { i18n } from '@lingui/core';
import { chooseAccountLanguage } from '../app/account-language.ts';
import { PageHeader } from '../app/page-header.tsx';
import { languageOf, languages } from '../languages/languages.ts';
import { useText } from '../languages/text.ts';
import { Instructions } from '../memories/instructions.tsx';
import { Memories } from '../memories/memories.tsx';
import { languageName } from './language-name.ts';
import { chooseTheme, themes, useTheme } from '../theme/theme.ts';
import { Account } from './account.tsx';
import { ChatChoices } from './chat-choices.tsx';
import { Devices } from './devices.tsx';
import { OwnFiles } from './own-files.tsx';

export function SettingsPage() {
  const text = useText();
  const theme = useTheme();
  return (
    <>
      <PageHeader title={text('settings')} />
      <div className="min-h-0 flex-1 overflow-y-auto px-4 pb-10">
        <div className="mx-auto grid max-w-[640px] gap-8 pt-3">
          <section className="grid gap-2">
            <label htmlFor="language" className="text-[16px] font-semibold">
              {text('settings.language')}
            </label>
            <select
              id="language"
              value={i18n.locale}
              onChange={(event) => void chooseAccountLanguage(languageOf(event.target.value)!)}
              className="min-h-10 rounded-xl border border-line bg-raised px-3"
            >
              {languages.map(({ code }) => (
                <option key={code} value={code} lang={code}>
                  {languageName(code)}
                </option>
              ))}
            </select>
          </section>
          <fieldset role="radiogroup" aria-labelledby="theme-label" className="m-0 grid gap-2 border-0 p-0">
            <legend id="theme-label" className="mb-2 text-[16px] font-semibold">
              {text('settings.theme')}
            </legend>
            <div className="grid grid-cols-3 gap-2">
              {themes.map((one) => (
                <label
                  key={one}
                  className="flex min-h-10 items-center gap-2 rounded-xl border border-line bg-raised px-3 has-checked:border-ember"
                >
                  <input
                    type="radio"
                    name="theme"
                    checked={theme === one}
                    onChange={() => chooseTheme(one)}
                    className="accent-(--ember)"
                  />
                  {text(`theme.${one}`)}
                </label>
              ))}
            </div>
          </fieldset>
          <ChatChoices />
          <Instructions />
          <Memories />
          <OwnFiles />
          <Devices />
          <Account />
        </div>
      </div>
    </>
  );
}
