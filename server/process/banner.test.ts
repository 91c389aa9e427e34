/** The output in the terminal once the server has started. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { banner } from './banner.ts';
import { parseConfig, type Role } from '../config/config.ts';

const shown = (environment: Record<string, string>, url: string | null = 'http://127.0.0.1:8000', role: Role = 'all') =>
  banner(parseConfig(environment, role), url);

const shared = { DATABASE_URL: 'postgres://me:hunter2@db/pollux', REDIS_URL: 'redis://:hunter2@cache:7000' };

const stripe = {
  STRIPE_SECRET_KEY: 'sk_hunter2',
  STRIPE_WEBHOOK_SECRET: 'whsec_hunter2',
  STRIPE_PRO_PRICE_ID: 'price_1',
};

const production = {
  NODE_ENV: 'production',
  SECRET_KEY: '8f2c1e7ab94d03655f1f7d0c2b9a4e61',
  GEMINI_API_KEY: 'key',
  SMS_PROVIDER: 'twilio',
  TWILIO_ACCOUNT_SID: 'AC1',
  TWILIO_AUTH_TOKEN: 'token',
  TWILIO_FROM_NUMBER: '+14155550123',
  ...stripe,
};

describe('the banner', () => {
  it('of a start without settings names the demo model, the URLs and the next settings', () => {
    const text = shown({ DATA_DIR: '/tmp/here' });
    expect(text).toMatch(/Mode +embedded PostgreSQL in \/tmp\/here/);
    expect(text).toMatch(/Model +DEMO, not Gemini/);
    expect(text).toMatch(/Open +http:\/\/127\.0\.0\.1:8000\n/);
    expect(text).toContain('http://127.0.0.1:8000/docs');
    for (const name of ['GEMINI_API_KEY', 'DATABASE_URL', 'REDIS_URL', 'STRIPE_*']) {
      expect(text).toMatch(new RegExp(`Set next: .*${name.replace('*', '\\*')}`));
    }
    expect(text).not.toContain('WARNING');
  });

  it('of a start without settings is in the README unchanged', () => {
    const text = shown({ DATA_DIR: './data' }).replace(path.resolve('data'), './data');
    const readme = readFileSync(new URL('../../README.md', import.meta.url), 'utf8');
    expect(readme).toContain(`\`\`\`text\n  ${text.trim()}\n\`\`\`\n`);
  });

  it('shows no URL of documents that are not public', () => {
    expect(shown(production)).not.toContain('/docs');
    expect(shown({ ...production, DOCS: 'true' })).toContain('http://127.0.0.1:8000/docs');
    expect(shown({ METRICS_TOKEN: 'x' })).not.toContain('/docs');
  });

  it('of a start with all settings suggests no further ones and shows no secret', () => {
    const text = shown({ ...shared, ...stripe, GEMINI_API_KEY: 'hunter2', SECRET_KEY: 'hunter2' });
    expect(text).toMatch(/Mode +PostgreSQL\n/);
    expect(text).toMatch(/Queue +Redis at cache:7000/);
    expect(text).toMatch(/Model +gemini-3\.5-flash-lite/);
    expect(text).toMatch(/Billing +Stripe/);
    expect(text).not.toContain('Set next');
    expect(text).not.toContain('hunter2');
  });

  it('warns while codes are echoed to other machines', () => {
    expect(shown({ HOST: '0.0.0.0', OTP_ECHO: 'true' })).toMatch(/WARNING +OTP_ECHO/);
    expect(shown({ HOST: '0.0.0.0' })).not.toContain('WARNING');
  });

  it('warns in production while FRONTEND_URL points to this machine', () => {
    expect(shown(production)).toMatch(/WARNING +FRONTEND_URL/);
    expect(shown({ ...production, FRONTEND_URL: 'https://chat.example.com' })).not.toContain('WARNING');
  });

  it.each([
    ['production', 'sk_test_51', true],
    ['production', 'rk_test_51', true],
    ['production', 'sk_live_51', false],
    ['development', 'sk_test_51', false],
  ])('in %s with the Stripe key %s warns of it: %s', (NODE_ENV, STRIPE_SECRET_KEY, warns) => {
    const settings = { ...production, FRONTEND_URL: 'https://chat.example.com', NODE_ENV, STRIPE_SECRET_KEY };
    expect(/WARNING +STRIPE_SECRET_KEY is a test key/.test(shown(settings))).toBe(warns);
    expect(shown(settings)).not.toContain('test_51');
  });

  it('of a worker has no URL to open', () => {
    const text = shown(shared, null, 'worker');
    expect(text).toMatch(/Role +worker/);
    expect(text).not.toMatch(/Open|Docs|null/);
  });
});
