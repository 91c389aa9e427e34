/** Phone numbers: whatever people type becomes E.164, or is refused. */
import { parsePhoneNumberFromString } from 'libphonenumber-js/min';
import { ProblemError } from '../problem.ts';

/** ITU-T E.164: a plus and 7 to 15 digits, none of them a leading zero. */
const e164 = /^\+[1-9]\d{6,14}$/;
/** Contact books paste numbers between invisible marks of writing direction. */
const invisible = /\p{Cf}/gu;
const punctuation = /[\s\-().\u00a0\u2010-\u2015]/g;

/**
 * Gives the number in E.164. Anything without that shape is a 422; so is, when `strict`, a number that the library
 * calls impossible. Not strict, made-up numbers from documentation pass.
 */
export function normaliseNumber(text: string, strict: boolean): string {
  // Full-width digits and signs become plain ones.
  const written = text.normalize('NFKC').replace(invisible, '').trim();
  const parsed = parsePhoneNumberFromString(written, { extract: false });
  const number = parsed?.number ?? written.replace(punctuation, '');
  if (!e164.test(number) || (strict && !parsed?.isPossible())) {
    throw new ProblemError('validation_failed', 'That is not a phone number in international form.', {
      errors: [{ pointer: '/mobile_number', detail: 'must be E.164: + and 7 to 15 digits, such as +14155550123' }],
    });
  }
  return number;
}

/** Throws 422 for a number of another country than these, whoever it belongs to; no countries: all are served. */
export function requireCountry(number: string, countries: readonly string[]): void {
  if (countries.length === 0) return;
  if (possibleCountries(number).some((country) => countries.includes(country))) return;
  throw new ProblemError('validation_failed', 'Numbers of this country cannot sign in here.', {
    errors: [{ pointer: '/mobile_number', detail: `must be a number of ${countries.join(', ')}` }],
  });
}

/** ISO 3166 code, or `unknown`. Of countries that share a range of numbers, the largest. */
export function countryOf(number: string): string {
  return possibleCountries(number)[0] ?? 'unknown';
}

function possibleCountries(number: string): readonly string[] {
  const parsed = parsePhoneNumberFromString(number, { extract: false });
  return parsed?.country === undefined ? (parsed?.getPossibleCountries() ?? []) : [parsed.country];
}

/** What a range of numbers handed out together has in common: all but the last three digits. */
export function numberRange(number: string): string {
  return number.slice(0, -3);
}
