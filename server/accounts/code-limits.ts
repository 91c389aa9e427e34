/** How many codes may be asked for, and how many SMS may go out. */
import type { OtpConfig } from '../config/sign-in.ts';
import type { LimitRule } from '../ports/limits.ts';
import { clientRanges } from './client-range.ts';
import type { Keys } from './keys.ts';
import { numberRange } from './phone-number.ts';

const hourMs = 3_600_000;
/** What a /64, a /56 and a /48 may do, in units of what one address may: whole networks are shared by few people. */
const networkFactors = [1, 4, 16] as const;

const inForce = (rules: readonly LimitRule[]) => rules.filter(({ limit }) => limit > 0);

/** Limits of one client on `what`, an hour, for each network its address may be one customer's of; 0 = off. */
export function addressRules(keys: Keys, what: string, address: string, hourly: number): LimitRule[] {
  const rules = clientRanges(address).map((range, index) => ({
    key: `${what}:${keys.keyedHash(range)}`,
    limit: hourly * networkFactors[index]!,
    windowMs: hourMs,
  }));
  return inForce(rules);
}

/** Counted whenever a code is asked for, whether or not the number has an account. */
export function askRules(otp: OtpConfig, keys: Keys, number: string, address: string): LimitRule[] {
  const numberKey = keys.keyedHash(number);
  return [
    ...addressRules(keys, 'otp:address', address, otp.addressHourly),
    ...inForce([
      { key: `otp:number:${numberKey}`, limit: otp.numberHourly, windowMs: hourMs },
      { key: `otp:number-day:${numberKey}`, limit: otp.numberHourly * 2, windowMs: 24 * hourMs },
      // Once no SMS can go out to anybody, everybody is told.
      { ...budget(otp), peek: true },
    ]),
  ];
}

/**
 * Counted when an SMS is about to go out. Numbers that never signed in share half of each budget, so that made-up
 * accounts cannot keep people from signing in.
 */
export function smsRules(otp: OtpConfig, keys: Keys, number: string, verified: boolean): LimitRule[] {
  const prefixKey = keys.keyedHash(numberRange(number));
  const all = inForce([budget(otp), { key: `otp:prefix:${prefixKey}`, limit: otp.prefixHourly, windowMs: hourMs }]);
  if (verified) return all;
  const halves = all.map((rule) => ({ ...rule, key: `${rule.key}:new`, limit: Math.floor(rule.limit / 2) }));
  return [...all, ...halves];
}

const budget = (otp: OtpConfig): LimitRule => ({ key: 'otp:sms', limit: otp.globalHourly, windowMs: hourMs });
