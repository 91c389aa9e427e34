/** Guesses the country of the user's phone number. */
import { isSupportedCountry, type CountryCode } from 'libphonenumber-js/min';

/** The region of the first language that names or implies one. */
export function guessCountry(tags: readonly string[]): CountryCode {
  for (const tag of tags) {
    const { region } = new Intl.Locale(tag).maximize();
    if (region !== undefined && isSupportedCountry(region)) return region;
  }
  return 'US';
}
