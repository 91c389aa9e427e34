/** Settings of signing in: one-time codes and how many of them there may be. */
import { isIP } from 'node:net';
import type { Reader } from './reader.ts';

export interface OtpConfig {
  /** Send-otp answers with the code. Never true in production. */
  readonly echo: boolean;
  /** The echo is on where others may reach it: the banner warns. */
  readonly echoExposed: boolean;
  /** The setting because of which the echo is off: it tells of a proxy, so others reach this server. */
  readonly echoOffBy: 'TRUSTED_PROXIES' | 'FRONTEND_URL' | null;
  readonly addressHourly: number;
  readonly prefixHourly: number;
  readonly numberHourly: number;
  /** SMS in all; half of them are kept for numbers that were verified once. */
  readonly globalHourly: number;
  readonly resendSeconds: number;
  /** ISO 3166 codes of the countries codes are sent to; empty = all. */
  readonly countries: readonly string[];
  /** Guesses, right or wrong. */
  readonly verifyAddressHourly: number;
}

/** Echo and limits; what is dangerous in production is refused there. */
export function parseOtp(
  read: Reader,
  where: { production: boolean; host: string; smsKind: 'console' | 'twilio' },
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
    // Some codes are other names of the official one, such as UK of GB.
    const official = known ? (new Intl.Locale(`und-${code}`).region ?? code) : code;
    if (!known) read.complain(`SMS_COUNTRIES must list ISO 3166 codes such as US or DE; "${written}" is none.`);
    else if (official !== code) read.complain(`SMS_COUNTRIES must name the country ${official} instead of ${written}.`);
    return code;
  });
}

/** Which setting says that requests come through a proxy; null: none does. */
function proxySetting(read: Reader): OtpConfig['echoOffBy'] {
  if (read.list('TRUSTED_PROXIES').length > 0) return 'TRUSTED_PROXIES';
  return /^https:/i.test(read.text('FRONTEND_URL') ?? '') ? 'FRONTEND_URL' : null;
}

/** True for an address only this machine can reach. */
function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || (isIP(host) === 4 && host.startsWith('127.'));
}
