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

/** What a range of numbers handed out together has in common: all but the last three digits. */
export function numberRange(number: string): string {
  return number.slice(0, -3);
}
