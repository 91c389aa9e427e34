/** One-time codes: who may have one, who may guess, and what a right guess is worth. */
import type { OtpConfig } from '../config/sign-in.ts';
import type { Database } from '../ports/database.ts';
import type { LimitRule, Limits } from '../ports/limits.ts';
import { ProblemError } from '../problem.ts';
import type { Keys } from './keys.ts';
import { randomCode } from './keys.ts';
import { numberRange } from './phone-number.ts';
import { adoptCode, countGuess, countWrongGuess, isRegistered, readCodeState, replaceCode, useCode } from './store.ts';
import { takeOrRefuse } from './take-or-refuse.ts';

export const codeLifeSeconds = 300;
const hourMs = 3_600_000;

export interface CodeDeps {
  readonly db: Database;
  readonly limits: Limits;
  readonly keys: Keys;
  readonly otp: OtpConfig;
}

export interface IssuedCode {
  readonly code: string;
  /** False for a number nobody registered: it gets no SMS, and nobody is told. */
  readonly registered: boolean;
  readonly resendAfterSeconds: number;
}

/** Makes a code for a number and ends the one before; throws when the number, address or service asks too often. */
export async function issueCode(
  { db, limits, keys, otp }: CodeDeps,
  number: string,
  address: string,
): Promise<IssuedCode> {
  await adoptCode(db, keys.keyedHashes(number));
  const numberKey = keys.keyedHash(number);
  const state = await readCodeState(db, numberKey, otp.resendSeconds);
  refuseWhileLocked(state.lockedSeconds);
  refuseWhileWaiting(state.resendWaitSeconds);
  const verdict = await takeOrRefuse(limits, sendRules(otp, keys, number, address));
  if (!verdict.allowed) throw tooManyCodes(verdict.retryAfterMs);
  const code = randomCode();
  const sends = await replaceCode(db, {
    numberKey,
    codeMac: keys.codeMac(number, code),
    firstWaitSeconds: otp.resendSeconds,
  });
  if (sends === null) refuseWhileWaiting(Math.max(1, otp.resendSeconds));
  return {
    code,
    registered: await isRegistered(db, number),
    resendAfterSeconds: otp.resendSeconds * waitFactor(sends ?? 1),
  };
}

/** Mirrors what `replaceCode` will ask of the next send. */
function waitFactor(sends: number): number {
  if (sends <= 1) return 1;
  return sends === 2 ? 2 : 5;
}

/** Checks and uses up a guess. The guess is counted before it is compared; a right one works once. */
export async function redeemCode({ db, keys, otp }: CodeDeps, number: string, code: string): Promise<void> {
  await adoptCode(db, keys.keyedHashes(number));
  const numberKey = keys.keyedHash(number);
  const guess = await countGuess(db, numberKey);
  if (guess.kind === 'expired') throw new ProblemError('invalid_code', 'That code has expired. Ask for a new one.');
  if (guess.kind === 'none') {
    refuseWhileLocked((await readCodeState(db, numberKey, otp.resendSeconds)).lockedSeconds);
    throw new ProblemError('invalid_code', 'That code is not valid any more. Ask for a new one.');
  }
  if (!keys.isCodeMac(guess.codeMac, number, code)) {
    await countWrongGuess(db, numberKey);
    throw new ProblemError('invalid_code', `That code is not right. ${guessesLeft(guess.guessesLeft)}`);
  }
  if (!(await useCode(db, numberKey, guess.codeMac))) {
    throw new ProblemError('invalid_code', 'That code was used already. Ask for a new one.');
  }
}

function guessesLeft(count: number): string {
  if (count === 0) return 'Ask for a new one.';
  return count === 1 ? '1 guess is left.' : `${count} guesses are left.`;
}

function sendRules(otp: OtpConfig, keys: Keys, number: string, address: string): LimitRule[] {
  const numberKey = keys.keyedHash(number);
  const rules: LimitRule[] = [
    { key: `otp:number:${numberKey}`, limit: otp.numberHourly, windowMs: hourMs },
    { key: `otp:number-day:${numberKey}`, limit: otp.numberHourly * 2, windowMs: 24 * hourMs },
    { key: `otp:address:${keys.keyedHash(address)}`, limit: otp.addressHourly, windowMs: hourMs },
    { key: `otp:prefix:${keys.keyedHash(numberRange(number))}`, limit: otp.prefixHourly, windowMs: hourMs },
    { key: 'otp:global', limit: otp.globalHourly, windowMs: hourMs },
  ];
  return rules.filter((rule) => rule.limit > 0);
}

function refuseWhileWaiting(seconds: number): void {
  if (seconds > 0) throw tooManyCodes(seconds * 1000);
}

function refuseWhileLocked(seconds: number): void {
  if (seconds === 0) return;
  const minutes = Math.ceil(seconds / 60);
  throw new ProblemError(
    'too_many_guesses',
    `Too many wrong codes. Codes for this number work again in ${minutes} min.`,
    {
      retryAfterMs: seconds * 1000,
    },
  );
}

function tooManyCodes(retryAfterMs: number): ProblemError {
  const seconds = Math.max(1, Math.ceil(retryAfterMs / 1000));
  const wait = seconds < 120 ? `${seconds} s` : `${Math.ceil(seconds / 60)} min`;
  return new ProblemError('too_many_codes', `Too many codes were asked for. Try again in ${wait}.`, { retryAfterMs });
}
