/** Parses phone numbers into E.164. */
import { parsePhoneNumberFromString } from 'libphonenumber-js/min';
import { ProblemError } from '../problems/problem.ts';

/** ITU-T E.164: a plus and 7 to 15 digits, without a leading zero. */
const e164 = /^\+[1-9]\d{6,14}$/;
/** Address books wrap copied numbers in invisible directional marks. */
const invisible = /\p{Cf}/gu;
const punctuation = /[\s\-().\u00a0\u2010-\u2015]/g;

/**
 * Returns the number in E.164. Throws `validation_failed` for anything of another shape and, when `strict`, for numbers
 * that libphonenumber calls impossible. Without `strict`, made-up numbers such as +1234567890 pass.
 */
export function normaliseNumber(text: string, strict: boolean): string {
  // NFKC turns full-width digits and signs into ASCII.
  const written = text.normalize('NFKC').replace(invisible, '').trim();
  const parsed = parsePhoneNumberFromString(written, { extract: false });
  const number = parsed?.number ?? written.replace(punctuation, '');
  if (!e164.test(number) || (strict && !parsed?.isPossible())) {
    throw new ProblemError('validation_failed', {
      reason: 'number',
      errors: [{ pointer: '/mobile_number', sentence: 'number' }],
    });
  }
  return number;
}

/** Throws `validation_failed` for numbers of other countries. An empty list allows all countries. */
export function requireCountry(number: string, countries: readonly string[]): void {
  if (countries.length === 0) return;
  if (possibleCountries(number).some((country) => countries.includes(country))) return;
  throw new ProblemError('validation_failed', {
    reason: 'country',
    errors: [{ pointer: '/mobile_number', sentence: 'country', values: { countries: countries.join(', ') } }],
  });
}

/** ISO 3166 code, or `unknown`. Countries that share a calling code count as the largest of them. */
export function countryOf(number: string): string {
  return possibleCountries(number)[0] ?? 'unknown';
}

function possibleCountries(number: string): readonly string[] {
  const parsed = parsePhoneNumberFromString(number, { extract: false });
  return parsed?.country === undefined ? (parsed?.getPossibleCountries() ?? []) : [parsed.country];
}

/** The number without its last three digits: numbers are assigned in ranges of a thousand or more. */
export function numberRange(number: string): string {
  return number.slice(0, -3);
}
