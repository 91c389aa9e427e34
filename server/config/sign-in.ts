/** Sign-in settings: one-time codes and their limits. */
import { isIP } from 'node:net';
import type { Reader } from './reader.ts';
import type { SmsConfig } from './sms.ts';

export interface OtpConfig {
  /** The response of send-otp contains the code. Never in production. */
  readonly echo: boolean;
  /** The echo is on and other machines may reach it; the banner warns. */
  readonly echoExposed: boolean;
  /** The setting that turned the echo off because it implies a proxy; null if none did. */
  readonly echoOffBy: 'TRUSTED_PROXIES' | 'FRONTEND_URL' | null;
  readonly addressHourly: number;
  readonly prefixHourly: number;
  readonly numberHourly: number;
  /** All SMS of an hour. Half of them are reserved for verified numbers. */
  readonly globalHourly: number;
  readonly resendSeconds: number;
  /** ISO 3166 codes of the allowed countries; empty = all. */
  readonly countries: readonly string[];
  /** Guesses an hour for one address, right or wrong. */
  readonly verifyAddressHourly: number;
}

/** Reads echo and limits. Unsafe values are refused in production. */
export function parseOtp(
  read: Reader,
  where: { production: boolean; host: string; smsKind: SmsConfig['kind'] },
): OtpConfig {
  const asked = read.flag('OTP_ECHO');
  if (asked === true && where.production)
    read.complain('OTP_ECHO must not be on in production: it hands every code to whoever asks.');
  const local = where.smsKind === 'console' && isLoopback(where.host);
  const wanted = !where.production && (asked ?? local);
  const echoOffBy = wanted ? proxySetting(read) : null;
  const echo = wanted && echoOffBy === null;
  const limit = (name: Parameters<Reader['integer']>[0]) => {
    const value = read.integer(name, 0, 1_000_000);
    if (value === 0 && where.production)
      read.complain(`${name} must not be 0 in production: it protects against guessing and SMS bills.`);
    return value;
  };
  return {
    echo,
    echoExposed: echo && !local,
    echoOffBy,
    addressHourly: limit('OTP_ADDRESS_HOURLY'),
    prefixHourly: limit('OTP_PREFIX_HOURLY'),
    numberHourly: limit('OTP_NUMBER_HOURLY'),
    globalHourly: limit('OTP_GLOBAL_HOURLY'),
    resendSeconds: limit('OTP_RESEND_SECONDS'),
    countries: parseCountries(read),
    verifyAddressHourly: limit('OTP_VERIFY_ADDRESS_HOURLY'),
  };
}

const regions = new Intl.DisplayNames('en', { type: 'region', fallback: 'none' });

function parseCountries(read: Reader): string[] {
  return read.list('SMS_COUNTRIES').map((written) => {
    const code = written.toUpperCase();
    const known = /^[A-Z]{2}$/.test(code) && regions.of(code) !== undefined;
    // Some codes are aliases, such as UK for GB.
    const official = known ? (new Intl.Locale(`und-${code}`).region ?? code) : code;
    if (!known) read.complain(`SMS_COUNTRIES must list ISO 3166 codes such as US or DE; "${written}" is none.`);
    else if (official !== code) read.complain(`SMS_COUNTRIES must name the country ${official} instead of ${written}.`);
    return code;
  });
}

/** The setting that implies a proxy in front of this server; null if none does. */
function proxySetting(read: Reader): OtpConfig['echoOffBy'] {
  if (read.list('TRUSTED_PROXIES').length > 0) return 'TRUSTED_PROXIES';
  return /^https:/i.test(read.text('FRONTEND_URL') ?? '') ? 'FRONTEND_URL' : null;
}

/** True for loopback addresses. */
function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || (isIP(host) === 4 && host.startsWith('127.'));
}
