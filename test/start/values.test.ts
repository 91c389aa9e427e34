/** Every wrong value ends in its own message, and no other setting is reported. */
import { describe, expect, it } from 'vitest';
import { parseConfig } from '../../server/config/config.ts';
import { settings } from '../../server/config/settings.ts';
import { StartRefused } from '../../server/config/start-refused.ts';
import type { Environment } from '../harness.ts';
import { wrongMachines } from './machine.ts';
import { wrongRedis } from './redis.ts';
import { wrongValues } from './values.ts';

const twilio = { SMS_PROVIDER: 'twilio', TWILIO_ACCOUNT_SID: 'AC0', TWILIO_AUTH_TOKEN: '0123456789abcdef' };
const number = { TWILIO_FROM_NUMBER: '+14155550123' };
const stripe = { STRIPE_SECRET_KEY: 'rk_live_1', STRIPE_WEBHOOK_SECRET: 'whsec_1', STRIPE_PRO_PRICE_ID: 'price_1' };
const gemini = { GEMINI_API_KEY: 'AIza-0123' };

const production = {
  NODE_ENV: 'production',
  SECRET_KEY: '8f2c1e7ab94d03655f1f7d0c2b9a4e61',
  ...gemini,
  ...twilio,
  ...number,
};

/** What has to be set for a setting to be checked. */
function beside(setting: string): Environment {
  if (setting === 'TWILIO_MESSAGING_SERVICE_SID') return twilio;
  if (setting.startsWith('TWILIO_')) return { ...twilio, ...number };
  if (setting.startsWith('STRIPE_')) return stripe;
  return setting.startsWith('GEMINI_') ? gemini : {};
}

function refusal(environment: Environment): string {
  try {
    parseConfig(environment, 'all');
    return 'started';
  } catch (error) {
    return error instanceof StartRefused ? error.message : String(error);
  }
}

describe('a wrong value', () => {
  it.each(wrongValues)('$setting=$given', ({ setting, given, sentence, production: inProduction }) => {
    const whole = inProduction ? production : beside(setting);
    expect(refusal({ ...whole, [setting]: given })).toBe(sentence);
  });

  const numbers = Object.entries(settings).filter(([, { fallback }]) => /^\d+$/.test(fallback));
  it.each(numbers)('%s=ten', (setting) => {
    const sentence = /^(\w+) must be a whole number from \d+ to \d+; it is "ten"\.$/;
    expect(sentence.exec(refusal({ [setting]: 'ten' }))?.[1]).toBe(setting);
  });

  it('has a row for every setting except numbers and free text', () => {
    const rows = [...wrongValues, ...wrongMachines, ...wrongRedis].map(({ setting }) => setting);
    const tried = new Set([...rows, ...numbers.map(([name]) => name)]);
    expect(Object.keys(settings).filter((name) => !tried.has(name))).toEqual(['OTEL_SERVICE_NAME']);
  });

  it.each([
    {},
    { ...twilio, ...number },
    { ...twilio, TWILIO_MESSAGING_SERVICE_SID: 'MG0' },
    stripe,
    gemini,
    production,
  ])('is the only fault: %o starts', (environment) => {
    expect(refusal(environment)).toBe('started');
  });
});

describe('an unusual but valid value', () => {
  const odd: [string, string][] = [
    ['DATABASE_URL', 'postgres://me:p%2Fa%23s@db/pollux?sslmode=require'],
    ['DATABASE_URL', 'postgres:///pollux?host=/var/run/postgresql'],
    ['REDIS_URL', 'rediss://default:p%40ss@cache:6379/3'],
    ['REDIS_HOST', '::1'],
    ['REDIS_PREFIX', 'chat:eu-1'],
    ['TWILIO_FROM_NUMBER', 'Pollux Chat'],
    ['TWILIO_FROM_NUMBER', '12345'],
    ['STRIPE_SECRET_KEY', 'sk_live_1'],
    ['STRIPE_PRO_PRICE_ID', 'gold-2019'],
    ['GEMINI_MODEL', 'tunedModels/ours-1'],
    ['GEMINI_BASE_URL', 'https://gateway.example.com/gemini/'],
    ['FRONTEND_URL', 'http://localhost:3000/app'],
    ['CORS_ORIGINS', 'https://app.example.com/, http://localhost:5173'],
    ['CORS_ORIGINS', '*'],
    ['TRUSTED_PROXIES', '10.0.0.0/8, 192.168.1.4, fc00::/7, ::1, ::ffff:10.0.0.0/104'],
    ['OTEL_EXPORTER_OTLP_ENDPOINT', 'http://collector:4318'],
  ];
  it.each(odd)('%s=%s starts', (setting, value) => {
    expect(refusal({ ...beside(setting), [setting]: value })).toBe('started');
  });
});
