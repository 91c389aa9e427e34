/** The phone number step: the country is guessed, and any pasted format is accepted. */
import {
  getCountries,
  getCountryCallingCode,
  parsePhoneNumberFromString,
  type CountryCode,
} from 'libphonenumber-js/min';
import { useMemo, useState } from 'react';
import { locale, useText } from '../languages/text.ts';
import { Button } from '../ui/button.tsx';
import { focusAtOnce } from '../ui/focus-at-once.ts';
import { guessCountry } from './guess-country.ts';

export function PhoneStep({
  failure,
  onSubmit,
}: {
  readonly failure: string | null;
  readonly onSubmit: (number: string) => Promise<void>;
}) {
  const text = useText();
  const [country, setCountry] = useState<CountryCode>(() => guessCountry(navigator.languages));
  const [value, setValue] = useState('');
  const [busy, setBusy] = useState(false);
  const countries = useMemo(() => {
    const names = new Intl.DisplayNames([locale()], { type: 'region' });
    const named = getCountries().map((code) => ({ code, name: names.of(code) ?? code }));
    return named.toSorted((a, b) => a.name.localeCompare(b.name, locale()));
  }, []);

  function change(next: string): void {
    setValue(next);
    const parsed = /^\s*(\+|00)/.test(next) ? parsePhoneNumberFromString(next.replace(/^\s*00/, '+')) : undefined;
    if (parsed?.country) setCountry(parsed.country);
  }

  async function submit(): Promise<void> {
    setBusy(true);
    await onSubmit(internationalNumber(value, country));
    setBusy(false);
  }

  return (
    <form
      className="grid gap-4"
      onSubmit={(event) => {
        event.preventDefault();
        void submit();
      }}
    >
      <div>
        <h1 className="m-0 text-[34px] leading-tight tracking-[-0.035em]">{text('sign-in.title')}</h1>
        <p className="m-0 mt-2 text-soft">{text('sign-in.text')}</p>
      </div>
      <div className="grid gap-1.5">
        <label htmlFor="phone" className="text-[14px] font-semibold text-soft">
          {text('sign-in.phone')}
        </label>
        <div
          dir="ltr"
          className="flex rounded-[14px] border border-line bg-raised focus-within:border-ember focus-within:ring-4 focus-within:ring-ember/18"
        >
          <div className="relative grid">
            <span
              aria-hidden="true"
              className="tabular pointer-events-none grid min-h-12 content-center ps-4 pe-3 text-soft"
            >
              {country} +{getCountryCallingCode(country)} ▾
            </span>
            <select
              aria-label={text('sign-in.country')}
              value={country}
              onChange={(event) => setCountry(event.target.value as CountryCode)}
              className="absolute inset-0 w-full opacity-0"
            >
              {countries.map(({ code, name }) => (
                <option key={code} value={code}>
                  {name} +{getCountryCallingCode(code)}
                </option>
              ))}
            </select>
          </div>
          <input
            id="phone"
            type="tel"
            autoFocus
            ref={focusAtOnce}
            autoComplete="tel"
            required
            value={value}
            aria-invalid={failure !== null}
            aria-describedby={failure === null ? undefined : 'phone-failure'}
            onChange={(event) => change(event.target.value)}
            className="tabular min-w-0 flex-1 border-s border-line bg-transparent px-3 text-[17px] shadow-none! outline-none!"
          />
        </div>
        {failure !== null && (
          <p id="phone-failure" role="alert" className="m-0 text-bad">
            {failure}
          </p>
        )}
      </div>
      <Button type="submit" kind="strong" disabled={busy || value.trim() === ''} className="min-h-12">
        {text('sign-in.continue')}
      </Button>
      <p className="m-0 text-[14px] text-faint">{text('sign-in.sms')}</p>
    </form>
  );
}

/** Converts to E.164 as far as possible; the server validates it. */
function internationalNumber(value: string, country: CountryCode): string {
  const written = value.trim().replace(/^00/, '+');
  return parsePhoneNumberFromString(written, country)?.number ?? written;
}
