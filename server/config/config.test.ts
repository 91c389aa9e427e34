/** Valid and invalid settings. Each message names its variable. */
import { describe, expect, it } from 'vitest';
import { parseConfig, type Role } from './config.ts';
import type { Environment } from './reader.ts';
import { settings } from './settings.ts';
import { StartRefused } from './start-refused.ts';

/** The messages of a refused start; none when it is not refused. */
function complaints(environment: Environment, role: Role = 'all'): string[] {
  try {
    parseConfig(environment, role);
    return [];
  } catch (error) {
    if (!(error instanceof StartRefused)) throw error;
    return error.message.split('\n');
  }
}

const postgres = { DATABASE_URL: 'postgres://user:pw@db.example/pollux' };
const redis = { REDIS_URL: 'redis://cache.example' };
const twilio = {
  SMS_PROVIDER: 'twilio',
  TWILIO_ACCOUNT_SID: 'AC1',
  TWILIO_AUTH_TOKEN: 'token',
  TWILIO_FROM_NUMBER: '+14155550123',
};
const stripe = { STRIPE_SECRET_KEY: 'sk_1', STRIPE_WEBHOOK_SECRET: 'whsec_1', STRIPE_PRO_PRICE_ID: 'price_1' };
const production = {
  NODE_ENV: 'production',
  SECRET_KEY: '8f2c1e7ab94d03655f1f7d0c2b9a4e61',
  GEMINI_API_KEY: 'key',
  ...twilio,
};

describe('without settings', () => {
  it('is the whole product in one process, for this machine only', () => {
    const config = parseConfig({}, 'all');
    expect(config).toMatchObject({ role: 'all', production: false, host: '127.0.0.1', port: 8000, webConcurrency: 1 });
    expect(config).toMatchObject({ database: { kind: 'embedded' }, redis: null, stripe: null, secretKeys: null });
    expect(config).toMatchObject({
      gemini: null,
      catalog: { models: [{ provider: 'demo' }] },
      sms: { kind: 'console' },
      otp: { echo: true },
    });
    expect(Object.isFrozen(config)).toBe(true);
  });

  it('equals every setting empty, or at its default', () => {
    const names = Object.keys(settings);
    expect(parseConfig(Object.fromEntries(names.map((name) => [name, ' '])), 'all')).toEqual(parseConfig({}, 'all'));
    const defaults = Object.entries(settings).map(([name, { fallback }]) => [name, fallback]);
    expect(parseConfig(Object.fromEntries(defaults), 'all')).toEqual(parseConfig({}, 'all'));
  });
});

describe('the echo of one-time codes', () => {
  const hosts = { '127.0.0.1': true, '127.9.9.9': true, localhost: true, '::1': true, '0.0.0.0': false, '::': false };
  const cases = ['development', 'test', 'production'].flatMap((NODE_ENV) =>
    ['console', 'twilio'].flatMap((SMS_PROVIDER) =>
      Object.entries({ ...hosts, '192.168.1.5': false, 'chat.example': false }).flatMap(([HOST, isLocal]) =>
        [undefined, 'true', 'false'].map((OTP_ECHO) => ({ NODE_ENV, SMS_PROVIDER, HOST, isLocal, OTP_ECHO })),
      ),
    ),
  );

  it.each(cases)('$NODE_ENV, $SMS_PROVIDER, $HOST, OTP_ECHO=$OTP_ECHO', ({ isLocal, ...chosen }) => {
    const base = chosen.NODE_ENV === 'production' ? production : twilio;
    const environment = { ...base, ...chosen };
    const refusals = complaints(environment);
    if (chosen.NODE_ENV === 'production') {
      expect(refusals.some((line) => line.startsWith('OTP_ECHO '))).toBe(chosen.OTP_ECHO === 'true');
      expect(refusals.some((line) => line.startsWith('SMS_PROVIDER '))).toBe(chosen.SMS_PROVIDER === 'console');
      if (refusals.length === 0) expect(parseConfig(environment, 'all').otp).toMatchObject({ echo: false });
      return;
    }
    const harmless = isLocal && chosen.SMS_PROVIDER === 'console';
    const echo = chosen.OTP_ECHO === undefined ? harmless : chosen.OTP_ECHO === 'true';
    expect(refusals).toEqual([]);
    expect(parseConfig(environment, 'all').otp).toMatchObject({ echo, echoExposed: echo && !harmless });
  });
});

describe('production', () => {
  it('starts with the required settings', () => {
    expect(complaints(production)).toEqual([]);
    expect(parseConfig({ ...production, HOST: '0.0.0.0' }, 'all')).toMatchObject({
      production: true,
      otp: { echo: false },
    });
  });

  it.each([
    ['SECRET_KEY', { SECRET_KEY: '' }],
    ['SECRET_KEY', { SECRET_KEY: 'x'.repeat(31) }],
    ['SECRET_KEY', { SECRET_KEY: 'change-me-change-me-change-me-change-me' }],
    ['SECRET_KEY', { SECRET_KEY: 'your-secret-key-your-secret-key-1234' }],
    ['GEMINI_API_KEY', { GEMINI_API_KEY: '' }],
    ['SMS_PROVIDER', { SMS_PROVIDER: 'console' }],
    ['OTP_ECHO', { OTP_ECHO: 'yes' }],
    ['OTP_ADDRESS_HOURLY', { OTP_ADDRESS_HOURLY: '0' }],
    ['OTP_PREFIX_HOURLY', { OTP_PREFIX_HOURLY: '0' }],
    ['OTP_NUMBER_HOURLY', { OTP_NUMBER_HOURLY: '0' }],
    ['OTP_GLOBAL_HOURLY', { OTP_GLOBAL_HOURLY: '0' }],
    ['OTP_RESEND_SECONDS', { OTP_RESEND_SECONDS: '0' }],
    ['OTP_VERIFY_ADDRESS_HOURLY', { OTP_VERIFY_ADDRESS_HOURLY: '0' }],
  ])('is refused for its %s', (name, change) => {
    expect(complaints({ ...production, ...change })).toEqual([expect.stringMatching(`^${name} must `)]);
    expect(complaints({ ...twilio, ...change, NODE_ENV: 'development' })).toEqual([]);
  });

  it('reports all faults at once', () => {
    const lines = complaints({ NODE_ENV: 'production', OTP_ECHO: '1', PORT: 'x' });
    const names = ['SMS_PROVIDER', 'PORT', 'SECRET_KEY', 'OTP_ECHO', 'GEMINI_API_KEY'];
    expect(lines.map((line) => line.split(' ')[0])).toEqual(names);
  });
});

describe('values', () => {
  it.each([
    ['PORT', '65536'],
    ['PORT', '-1'],
    ['PORT', '80.5'],
    ['PORT', '0x50'],
    ['PORT', 'http'],
    ['HEALTH_PORT', '99999999999999999999'],
    ['NODE_ENV', 'staging'],
    ['ALGORITHM', 'RS256'],
    ['ALGORITHM', 'none'],
    ['ACCESS_TOKEN_EXPIRE_MINUTES', '0'],
    ['BASIC_DAILY_LIMIT', '-5'],
    ['REPLY_TIMEOUT_SECONDS', '0'],
    ['WEB_CONCURRENCY', '0'],
    ['WORKER_CONCURRENCY', 'many'],
    ['CONTEXT_TOKEN_BUDGET', '1'],
    ['LOG_LEVEL', 'loud'],
    ['OTP_ECHO', 'maybe'],
    ['SMS_PROVIDER', 'pigeon'],
    ['DATABASE_URL', 'mysql://host/db'],
    ['DATABASE_URL', 'not a url'],
    ['DATABASE_POOL_SIZE', '0'],
    ['REDIS_URL', 'http://host'],
    ['REDIS_URL', 'redis://host/zero'],
    ['REDIS_URL', 'redis://:%E0%A4%A@host'],
    ['REDIS_PORT', '0'],
    ['REDIS_DB', '-1'],
    ['REDIS_SSL', 'tls'],
    ['FRONTEND_URL', 'ftp://chat.example'],
    ['FRONTEND_URL', 'chat.example'],
    ['CORS_ORIGINS', 'https://a.example/path'],
    ['CORS_ORIGINS', 'https://a.example, b.example'],
    ['TRUSTED_PROXIES', '10.0.0.0/33'],
    ['TRUSTED_PROXIES', '10.0.0.0/8/8'],
    ['TRUSTED_PROXIES', 'proxy.example'],
    ['TRUSTED_PROXIES', '10.0.0.0/-1'],
    ['OTEL_EXPORTER_OTLP_ENDPOINT', 'collector:4318'],
  ])('%s must not be %s', (name, value) => {
    const lines = complaints({ [name]: value });
    expect(lines).toEqual([expect.stringMatching(`^${name} must `)]);
  });

  it('that may contain a password are not repeated in messages', () => {
    for (const name of ['DATABASE_URL', 'REDIS_URL']) {
      expect(complaints({ [name]: 'mysql://me:hunter2@host' }).join()).not.toContain('hunter2');
    }
  });

  it('are accepted in common notations', () => {
    const config = parseConfig(
      {
        PORT: ' 80 ',
        FRONTEND_URL: 'https://chat.example/',
        CORS_ORIGINS: 'https://a.example/, https://b.example',
        TRUSTED_PROXIES: '10.0.0.0/8, ::1,fd00::/8',
        OTP_ECHO: 'OFF',
        REPLY_TIMEOUT_SECONDS: '60',
        ACCESS_TOKEN_EXPIRE_MINUTES: '15',
      },
      'all',
    );
    expect(config).toMatchObject({
      port: 80,
      frontendUrl: 'https://chat.example',
      corsOrigins: ['https://a.example', 'https://b.example'],
      trustedProxies: ['10.0.0.0/8', '::1', 'fd00::/8'],
      otp: { echo: false },
      replyTimeoutMs: 60_000,
      accessTokenSeconds: 900,
    });
  });
});

describe('groups of settings', () => {
  it.each([
    ['TWILIO_ACCOUNT_SID', { ...twilio, TWILIO_ACCOUNT_SID: '' }],
    ['TWILIO_AUTH_TOKEN', { ...twilio, TWILIO_AUTH_TOKEN: '' }],
    ['TWILIO_FROM_NUMBER and TWILIO_MESSAGING_SERVICE_SID', { ...twilio, TWILIO_FROM_NUMBER: '' }],
    ['TWILIO_FROM_NUMBER and TWILIO_MESSAGING_SERVICE_SID', { ...twilio, TWILIO_MESSAGING_SERVICE_SID: 'MG1' }],
    ['STRIPE_SECRET_KEY', { ...stripe, STRIPE_SECRET_KEY: '' }],
    ['STRIPE_WEBHOOK_SECRET', { ...stripe, STRIPE_WEBHOOK_SECRET: '' }],
    ['STRIPE_PRO_PRICE_ID', { ...stripe, STRIPE_PRO_PRICE_ID: '' }],
    ['GEMINI_BASE_URL', { GEMINI_BASE_URL: 'http://127.0.0.1:9' }],
    ['REDIS_URL and REDIS_HOST', { ...redis, REDIS_HOST: 'cache.example' }],
    ['REDIS_PASSWORD and REDIS_SSL', { REDIS_PASSWORD: 'pw' }],
    ['REDIS_PASSWORD and REDIS_SSL', { REDIS_SSL: 'true' }],
  ])('half set are refused: %s', (names, environment) => {
    expect(complaints(environment)).toEqual([expect.stringContaining(names)]);
  });

  it('that are complete are accepted', () => {
    expect(parseConfig({ ...twilio, ...stripe }, 'all')).toMatchObject({
      sms: { kind: 'twilio', accountSid: 'AC1', authToken: 'token', from: '+14155550123', messagingServiceSid: null },
      stripe: { secretKey: 'sk_1', webhookSecret: 'whsec_1', apiBase: null },
      catalog: { plans: [{ stripePrices: [] }, { stripePrices: ['price_1'] }] },
    });
    const gemini = { GEMINI_API_KEY: 'key', GEMINI_BASE_URL: 'http://127.0.0.1:9/' };
    expect(parseConfig(gemini, 'all')).toMatchObject({
      gemini: { apiKey: 'key', baseUrl: 'http://127.0.0.1:9' },
      catalog: { models: [{ provider: 'gemini', candidates: ['gemini-3.5-flash-lite'] }] },
    });
  });
});

describe('Redis', () => {
  const plain = {
    host: 'h',
    port: 6379,
    username: null,
    password: null,
    db: 0,
    tls: false,
    inParts: false,
    prefix: 'pollux',
  };

  it.each([
    ['redis://h', {}],
    ['redis://h/', {}],
    ['redis://h:7000/3', { port: 7000, db: 3 }],
    ['rediss://me:p%40ss%2Fword@h', { tls: true, username: 'me', password: 'p@ss/word' }],
    ['redis://:secret@[::1]:7000', { host: '::1', port: 7000, password: 'secret' }],
  ])('is found by the URL %s', (REDIS_URL, expected) => {
    expect(parseConfig({ REDIS_URL }, 'all').redis).toEqual({ ...plain, ...expected });
  });

  it('is configured by separate settings', () => {
    expect(parseConfig({ REDIS_HOST: 'h' }, 'all').redis).toEqual({ ...plain, inParts: true });
    const parts = { REDIS_HOST: 'h', REDIS_PORT: '7000', REDIS_PASSWORD: 'pw', REDIS_DB: '2', REDIS_SSL: 'on' };
    expect(parseConfig({ ...parts, REDIS_PREFIX: 'mine' }, 'all').redis).toEqual({
      ...plain,
      port: 7000,
      password: 'pw',
      db: 2,
      tls: true,
      inParts: true,
      prefix: 'mine',
    });
  });
});

describe('several processes', () => {
  const arrangements: [string, Environment, Role][] = [
    ['two processes', { WEB_CONCURRENCY: '2' }, 'all'],
    ['an API process', {}, 'api'],
    ['a worker', {}, 'worker'],
  ];

  it.each(arrangements)('%s: refused without PostgreSQL and Redis, naming the missing ones', (_, environment, role) => {
    const missing = (more: Environment) => complaints({ ...environment, ...more }, role).join('\n');
    expect(missing({})).toContain('set DATABASE_URL and REDIS_URL');
    expect(missing(postgres)).toMatch(/set REDIS_URL\b/);
    expect(missing(redis)).toMatch(/set DATABASE_URL\b/);
    expect(missing({ ...postgres, ...redis })).toBe('');
    expect(missing({ ...postgres, REDIS_HOST: 'h' })).toBe('');
  });

  it('one process accepts any combination', () => {
    for (const environment of [{}, postgres, redis, { ...postgres, ...redis }]) {
      expect(complaints(environment)).toEqual([]);
    }
  });
});
