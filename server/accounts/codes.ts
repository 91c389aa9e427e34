/** One-time codes: issuing and verifying them. */
import type { OtpConfig } from '../config/sign-in.ts';
import type { Database } from '../ports/database.ts';
import type { Limits } from '../ports/limits.ts';
import { ProblemError } from '../problems/problem.ts';
import { clientRanges } from './client-range.ts';
import { askRules } from './code-limits.ts';
import {
  adoptCode,
  countGuess,
  countWrongGuess,
  maxWrong,
  readCodeState,
  replaceCode,
  useCode,
  type Asker,
} from './code-store.ts';
import type { Keys } from './keys.ts';
import { randomCode } from './keys.ts';
import type { SecurityLog } from './security-log.ts';
import { takeOrRefuse } from './take-or-refuse.ts';

export const codeLifeSeconds = 300;

export interface CodeDeps {
  readonly db: Database;
  readonly limits: Limits;
  readonly keys: Keys;
  readonly otp: OtpConfig;
  readonly security: SecurityLog;
}

export interface IssuedCode {
  readonly number: string;
  readonly code: string;
  readonly codeMac: string;
  readonly resendAfterSeconds: number;
}

/**
 * Issues a code for a number and invalidates the one before, whether or not the number is registered. Throws when the
 * number, the address or the whole service is over its limit, or while the number is locked for this address.
 */
export async function issueCode(deps: CodeDeps, number: string, address: string): Promise<IssuedCode> {
  const { db, limits, keys, otp } = deps;
  await adoptCode(db, keys.keyedHashes(number));
  const asker = askerOf(keys, number, address);
  const state = await readCodeState(db, asker, otp.resendSeconds);
  refuseWhileLocked(state.lockedSeconds);
  refuseWhileWaiting(state.resendWaitSeconds);
  const verdict = await takeOrRefuse(limits, askRules(otp, keys, number, address));
  if (!verdict.allowed) throw tooManyCodes(verdict.retryAfterMs);
  const code = randomCode();
  const codeMac = keys.codeMac(number, code);
  const sends = await replaceCode(db, { numberKey: asker.numberKey, codeMac, firstWaitSeconds: otp.resendSeconds });
  if (sends === null) refuseWhileWaiting(Math.max(1, otp.resendSeconds));
  return { number, code, codeMac, resendAfterSeconds: otp.resendSeconds * waitFactor(sends ?? 1) };
}

/** Mirrors the delay that `replaceCode` enforces. */
function waitFactor(sends: number): number {
  if (sends <= 1) return 1;
  return sends === 2 ? 2 : 5;
}

/** Verifies a guess. It is counted before it is compared; a right code works once. */
export async function redeemCode(deps: CodeDeps, number: string, code: string, address: string): Promise<void> {
  const { db, keys, otp, security } = deps;
  const refuse = (reason: string, problem: ProblemError) => {
    security.record('sign_in_failed', { number, address, details: { reason } });
    return problem;
  };
  await adoptCode(db, keys.keyedHashes(number));
  const asker = askerOf(keys, number, address);
  const guess = await countGuess(db, asker);
  if (guess.kind === 'expired') throw refuse('expired', new ProblemError('invalid_code', { reason: 'expired' }));
  if (guess.kind === 'none') {
    const { lockedSeconds } = await readCodeState(db, asker, otp.resendSeconds);
    if (lockedSeconds > 0) throw refuse('locked', tooManyGuesses(lockedSeconds));
    throw refuse('no_code', new ProblemError('invalid_code', { reason: 'void' }));
  }
  if (!keys.isCodeMac(guess.codeMac, number, code)) {
    await countWrong(deps, asker, number, address);
    const values = { guesses: guess.guessesLeft };
    throw refuse('wrong', new ProblemError('invalid_code', { reason: 'wrong', values }));
  }
  if (!(await useCode(db, asker, guess.codeMac)))
    throw refuse('used', new ProblemError('invalid_code', { reason: 'used' }));
}

async function countWrong({ db, security }: CodeDeps, asker: Asker, number: string, address: string): Promise<void> {
  const { fromNetwork, inAll } = await countWrongGuess(db, asker);
  if (fromNetwork === maxWrong.network) security.record('network_locked', { number, address });
  if (inAll === maxWrong.all) security.record('number_locked', { number, address });
}

/** Guesses are counted by the widest network: a customer can change between any number of narrower ones. */
function askerOf(keys: Keys, number: string, address: string): Asker {
  return { numberKey: keys.keyedHash(number), networkKey: keys.keyedHash(clientRanges(address).at(-1) ?? '') };
}

function refuseWhileWaiting(seconds: number): void {
  if (seconds > 0) throw tooManyCodes(seconds * 1000);
}

function refuseWhileLocked(seconds: number): void {
  if (seconds > 0) throw tooManyGuesses(seconds);
}

function tooManyGuesses(seconds: number): ProblemError {
  return new ProblemError('too_many_guesses', {
    values: { minutes: Math.ceil(seconds / 60) },
    retryAfterMs: seconds * 1000,
  });
}

function tooManyCodes(retryAfterMs: number): ProblemError {
  const seconds = Math.max(1, Math.ceil(retryAfterMs / 1000));
  const told =
    seconds < 120
      ? { reason: 'seconds', values: { count: seconds } }
      : { reason: 'minutes', values: { count: Math.ceil(seconds / 60) } };
  return new ProblemError('too_many_codes', { ...told, retryAfterMs });
}
