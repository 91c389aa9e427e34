/** Secrets that production accepts: random ones, and none that is in the project's public files. */
import { randomBytes } from 'node:crypto';
import { globSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { parseConfig } from './config.ts';
import { weakness } from './secrets.ts';

const root = path.resolve(import.meta.dirname, '../..');
const strong = '8f2c1e7ab94d03655f1f7d0c2b9a4e61';
const environment = {
  GEMINI_API_KEY: 'key',
  SMS_PROVIDER: 'twilio',
  TWILIO_ACCOUNT_SID: 'AC1',
  TWILIO_AUTH_TOKEN: 'token',
  TWILIO_FROM_NUMBER: '+14155550123',
};
const parse = (NODE_ENV: string, SECRET_KEY: string) => parseConfig({ ...environment, NODE_ENV, SECRET_KEY }, 'all');

const weak = {
  'one character': 'x'.repeat(64),
  'two in turns': 'ab'.repeat(32),
  'a word again and again': 'kaninchen'.repeat(8),
  'half of it twice': strong.slice(0, 16).repeat(2),
  'digits in a row': '12345678901234567890123456789012',
  'the alphabet': 'abcdefghijklmnopqrstuvwxyz012345',
  'the alphabet backwards': 'zyxwvutsrqponmlkjihgfedcba987654',
  'too little variety': '00110022331100220033110022003311',
  'keys side by side': 'qwertyuiopasdfghjklzxcvbnm1234567890',
  'too short': strong.slice(1),
  'a placeholder': 'change-me-to-something-random-please',
  'a placeholder in the middle': 'x9-your-secret-key-k2f8a7d1c5b3e6908f',
  'what a template left': '${SECRET_KEY_FROM_THE_VAULT_PLEASE}',
  'the key of these tests': 'a-key-for-tests-only-0123456789abcdef',
} as const;

describe.each(Object.entries(weak))('%s', (_, secret) => {
  it.each([
    ['alone', secret],
    ['as the newest', `${secret},${strong}`],
    ['as an older one', `${strong},${secret}`],
  ])('is refused in production %s, and only there', (_where, SECRET_KEY) => {
    expect(() => parse('production', SECRET_KEY)).toThrow(/^SECRET_KEY must be random in production/);
    expect(() => parse('production', SECRET_KEY)).not.toThrow(secret);
    expect(parse('development', SECRET_KEY).secretKeys).toContain(secret);
  });
});

it('random ones are accepted in any encoding', () => {
  for (let n = 0; n < 2000; n++) {
    const bytes = randomBytes(32);
    for (const secret of [bytes.toString('hex'), bytes.toString('base64'), bytes.toString('hex').slice(0, 32)])
      expect(weakness(secret), secret).toBeNull();
  }
  expect(parse('production', `${strong}, ${strong}`).secretKeys).toEqual([strong]);
});

it("values of SECRET_KEY in the project's files are refused", () => {
  const files = [
    '.env.example',
    'README.md',
    'compose.yaml',
    'render.yaml',
    ...globSync('{deploy,docs}/**/*', { cwd: root }),
  ].filter((file) => /\.(md|ya?ml|example|json)$/.test(file));
  const values = files.flatMap((file) => {
    const text = readFileSync(path.join(root, file), 'utf8');
    return [...text.matchAll(/SECRET_KEY["']?\s*[:=]\s*(.*?)\s*(?:#.*)?$/gm)]
      .filter(([match, value = '']) => !/STRIPE_SECRET_KEY/.test(match) && !/^\W*$/.test(value))
      .map(([, value = '']) => [file, value] as const);
  });
  expect(values.length).toBeGreaterThan(0);
  for (const [file, value] of values) {
    const bare = value.replaceAll(/^['"`]|['"`]$/g, '');
    expect(() => parse('production', bare), `${file}: ${bare}`).toThrow(/SECRET_KEY/);
  }
});
