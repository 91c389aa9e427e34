/** Rate limits for code requests and for SMS. */
import type { OtpConfig } from '../config/sign-in.ts';
import type { LimitRule } from '../ports/limits.ts';
import { clientRanges } from './client-range.ts';
import type { Keys } from './keys.ts';
import { numberRange } from './phone-number.ts';

const hourMs = 3_600_000;
/** Limits of a /64, a /56 and a /48 as multiples of the limit of one address. */
const networkFactors = [1, 4, 16] as const;

const inForce = (rules: readonly LimitRule[]) => rules.filter(({ limit }) => limit > 0);

/** Limits of `what` in each window, by default an hour, for each network the address may belong to; 0 = off. */
export function addressRules(
  keys: Keys,
  what: string,
  address: string,
  atMost: number,
  windowMs = hourMs,
): LimitRule[] {
  const rules = clientRanges(address).map((range, index) => ({
    key: `${what}:${keys.keyedHash(range)}`,
    limit: atMost * networkFactors[index]!,
    windowMs,
  }));
  return inForce(rules);
}

/** Counted for each code request, whether or not the number has an account. */
export function askRules(otp: OtpConfig, keys: Keys, number: string, address: string): LimitRule[] {
  const numberKey = keys.keyedHash(number);
  return [
    ...addressRules(keys, 'otp:address', address, otp.addressHourly),
    ...inForce([
      { key: `otp:number:${numberKey}`, limit: otp.numberHourly, windowMs: hourMs },
      { key: `otp:number-day:${numberKey}`, limit: otp.numberHourly * 2, windowMs: 24 * hourMs },
      // When the SMS budget is used up, every request is refused, so that the refusal reveals nothing.
      { ...budget(otp), peek: true },
    ]),
  ];
}

/**
 * Counted before an SMS is sent. Numbers that never signed in share half of each budget, so that unverified accounts
 * cannot use up the SMS of verified ones.
 */
export function smsRules(otp: OtpConfig, keys: Keys, number: string, verified: boolean): LimitRule[] {
  const prefixKey = keys.keyedHash(numberRange(number));
  const all = inForce([budget(otp), { key: `otp:prefix:${prefixKey}`, limit: otp.prefixHourly, windowMs: hourMs }]);
  if (verified) return all;
  const halves = all.map((rule) => ({ ...rule, key: `${rule.key}:new`, limit: Math.floor(rule.limit / 2) }));
  return [...all, ...halves];
}

const budget = (otp: OtpConfig): LimitRule => ({ key: 'otp:sms', limit: otp.globalHourly, windowMs: hourMs });
