/** Invalid values, which are found before any connection is opened. */
import type { SettingName } from '../../server/config/settings.ts';
import type { WrongSetting } from './wrong-settings.ts';

type Row = readonly [setting: SettingName, value: string, sentence: string];

const unreadable = (name: string) =>
  `${name} must be a single valid URL; in a user name or password write / as %2F, # as %23, ? as %3F, @ as %40.`;
const noWebAddress = (name: string) => `${name} must be a URL that begins with http:// or https://.`;
const noProxy = (value: string) =>
  `TRUSTED_PROXIES must list addresses or CIDRs such as 10.0.0.0/8; "${value}" is none.`;
const tooWide = (value: string) =>
  `TRUSTED_PROXIES must not hold a range as wide as ${value}: whoever is in it can claim any address. List your proxies alone.`;
const noOrigin = (value: string, hint = '') =>
  `CORS_ORIGINS must list origins such as https://app.example.com; "${value}" is none${hint}.`;
const quoted = (name: string) => `${name} must be written without quotes: they become part of the value here.`;
const noHostOfOurs = 'HOST must be an address such as 127.0.0.1 or 0.0.0.0 alone; the port goes to PORT.';
const noHost = 'REDIS_HOST must be a host alone; the port goes to REDIS_PORT, a whole URL to REDIS_URL.';
const noSender =
  'TWILIO_FROM_NUMBER must be a number such as +14155550123, a short code or a sender name of up to 11 letters.';
const noPrice =
  'STRIPE_PRO_PRICE_ID must be the id of a price, which begins with price_, not of a product or anything else.';
const noSecretKey = 'STRIPE_SECRET_KEY must be a secret or restricted key, which begins with sk_ or rk_.';
const noSigningSecret = (name: string) =>
  `${name} must be the signing secret of the endpoint, which begins with whsec_.`;
const noVersion = 'GEMINI_BASE_URL must end before the version, /v1beta, which is appended to it.';

const noBucket = 'STORAGE_URL must name a bucket, such as s3://my-bucket; the address of a store goes to ?endpoint=.';

const rows: readonly Row[] = [
  ['STORAGE_URL', 'https://bucket.s3.amazonaws.com', 'STORAGE_URL must be a URL that begins with s3://.'],
  ['STORAGE_URL', 's3://', noBucket],
  ['STORAGE_URL', 's3://minio:9000/bucket', noBucket],
  ['STORAGE_URL', 's3://My_Bucket', noBucket],
  [
    'STORAGE_URL',
    's3://key:secret@bucket',
    'STORAGE_URL must not hold credentials; set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY.',
  ],
  [
    'STORAGE_URL',
    's3://bucket?endpoint=minio:9000',
    'STORAGE_URL must have a URL that begins with http:// or https:// as its endpoint.',
  ],
  ['STORAGE_URL', 's3://bucket?acl=public', 'STORAGE_URL takes the parameters endpoint and region; it has "acl".'],
  ['NODE_ENV', 'prod', 'NODE_ENV must be one of development, production, test; it is "prod".'],
  ['HOST', '"0.0.0.0"', quoted('HOST')],
  ['HOST', 'http://0.0.0.0', noHostOfOurs],
  ['HOST', '0.0.0.0:8000', noHostOfOurs],
  ['HOST', '*', noHostOfOurs],
  ['PORT', 'http', 'PORT must be a whole number from 0 to 65535; it is "http".'],
  ['PORT', '8000:8000', 'PORT must be a whole number from 0 to 65535; it is "8000:8000".'],
  ['HEALTH_PORT', 'off', 'HEALTH_PORT must be a whole number from 0 to 65535; it is "off".'],
  [
    'ADMIN_MOBILE_NUMBERS',
    '+14155550123, 0123',
    'ADMIN_MOBILE_NUMBERS must list numbers in international form such as +14155550123; "0123" is none.',
  ],
  ['DATABASE_URL', `'postgres://db/pollux'`, quoted('DATABASE_URL')],
  [
    'DATABASE_URL',
    'localhost:5432/pollux',
    'DATABASE_URL must be a URL that begins with postgres:// or postgresql://.',
  ],
  [
    'DATABASE_URL',
    'jdbc:postgresql://db/pollux',
    'DATABASE_URL must be a URL that begins with postgres:// or postgresql://.',
  ],
  [
    'DATABASE_URL',
    'postgresql+asyncpg://db/pollux',
    'DATABASE_URL must be a URL that begins with postgres:// or postgresql://.',
  ],
  ['DATABASE_URL', 'postgres://me:pa/ss@db/pollux', unreadable('DATABASE_URL')],
  ['DATABASE_URL', 'postgres://me:12#34@db/pollux', unreadable('DATABASE_URL')],
  ['DATABASE_URL', 'postgres://one:5432,two:5432/pollux', unreadable('DATABASE_URL')],
  [
    'DATABASE_URL',
    'postgres://db/pollux?sslmode=on',
    'DATABASE_URL must have one of disable, no-verify, prefer, require, verify-ca, verify-full as its sslmode; it is "on".',
  ],
  [
    'DATABASE_DIRECT_URL',
    'postgres://db/pollux',
    'DATABASE_DIRECT_URL goes with a pooler in DATABASE_URL; set both, or DATABASE_URL alone.',
  ],
  ['DATABASE_POOL_SIZE', '0', 'DATABASE_POOL_SIZE must be a whole number from 1 to 1000; it is "0".'],
  ['REDIS_URL', 'localhost:6379', 'REDIS_URL must be a URL that begins with redis:// or rediss://.'],
  ['REDIS_URL', 'https://eu1.upstash.io', 'REDIS_URL must be a URL that begins with redis:// or rediss://.'],
  ['REDIS_URL', 'redis://:pa?ss@cache:6379', unreadable('REDIS_URL')],
  ['REDIS_URL', 'redis://', 'REDIS_URL must name a host, such as redis://127.0.0.1:6379.'],
  ['REDIS_URL', 'redis://cache/main', 'REDIS_URL must end in a database number, such as redis://host:6379/0.'],
  ['REDIS_HOST', 'cache:6379', noHost],
  ['REDIS_HOST', 'redis://cache', noHost],
  ['REDIS_PORT', '0', 'REDIS_PORT must be a whole number from 1 to 65535; it is "0".'],
  [
    'REDIS_PASSWORD',
    'without REDIS_HOST',
    'REDIS_PASSWORD and REDIS_SSL do nothing without REDIS_HOST; set REDIS_HOST or remove them.',
  ],
  ['REDIS_PREFIX', 'my app', 'REDIS_PREFIX must be 1 to 64 letters, digits or any of _ : . -'],
  ['ALGORITHM', 'RS256', 'ALGORITHM must be one of HS256, HS384, HS512; it is "RS256".'],
  ['OTP_ECHO', 'maybe', 'OTP_ECHO must be true or false; it is "maybe".'],
  ['SMS_PROVIDER', 'sns', 'SMS_PROVIDER must be one of console, twilio; it is "sns".'],
  ['TWILIO_ACCOUNT_SID', 'SK0123456789abcdef', 'TWILIO_ACCOUNT_SID must be the account SID, which begins with AC.'],
  ['TWILIO_AUTH_TOKEN', 'AC0123456789abcdef', 'TWILIO_AUTH_TOKEN must be the auth token, not a SID or a number.'],
  ['TWILIO_FROM_NUMBER', '4155550123456', noSender],
  ['TWILIO_FROM_NUMBER', 'MG0123456789abcdef', noSender],
  [
    'TWILIO_MESSAGING_SERVICE_SID',
    '+14155550123',
    'TWILIO_MESSAGING_SERVICE_SID must be the SID of a messaging service, which begins with MG.',
  ],
  ['TWILIO_API_BASE', 'api.twilio.com', noWebAddress('TWILIO_API_BASE')],
  ['CATALOG', 'nowhere', 'CATALOG names a file that cannot be read (ENOENT).'],
  ['CATALOG', '/', 'CATALOG names a file that cannot be read (EISDIR).'],
  ['GEMINI_API_KEY', 'AIza“copied”', 'GEMINI_API_KEY must be one word of plain ASCII: copy the key again.'],
  ['GEMINI_API_KEY', 'my key', 'GEMINI_API_KEY must be one word of plain ASCII: copy the key again.'],
  [
    'GEMINI_MODEL',
    'Gemini 3.5 Flash-Lite',
    'GEMINI_MODEL must be the name of a model, such as the default or tunedModels/name.',
  ],
  ['GEMINI_BASE_URL', 'generativelanguage.googleapis.com', noWebAddress('GEMINI_BASE_URL')],
  ['GEMINI_BASE_URL', 'https://generativelanguage.googleapis.com/v1beta', noVersion],
  ['GEMINI_BASE_URL', 'https://generativelanguage.googleapis.com/v1beta/openai/', noVersion],
  [
    'GEMINI_BASE_URL',
    'https://host.example?key=1',
    'GEMINI_BASE_URL must end before any ? or #: paths are appended to it.',
  ],
  ['STRIPE_SECRET_KEY', 'pk_test_1', noSecretKey],
  ['STRIPE_SECRET_KEY', 'whsec_1', noSecretKey],
  ['STRIPE_WEBHOOK_SECRET', 'sk_test_1', noSigningSecret('STRIPE_WEBHOOK_SECRET')],
  ['STRIPE_WEBHOOK_SECRET', 'we_1', noSigningSecret('STRIPE_WEBHOOK_SECRET')],
  ['STRIPE_THIN_WEBHOOK_SECRET', 'we_1', noSigningSecret('STRIPE_THIN_WEBHOOK_SECRET')],
  ['STRIPE_PRO_PRICE_ID', 'prod_1', noPrice],
  ['STRIPE_PRO_PRICE_ID', '9.99 USD', noPrice],
  [
    'VAPID_SUBJECT',
    'operator@example.com',
    'VAPID_SUBJECT must be an address at which push services reach you, such as mailto:operator@example.com or https://example.com/contact.',
  ],
  ['PUSH_TEST_ORIGIN', '127.0.0.1:9000', noWebAddress('PUSH_TEST_ORIGIN')],
  [
    'PUSH_TEST_ORIGIN',
    'http://127.0.0.1:9000/push',
    'PUSH_TEST_ORIGIN must be an origin such as http://127.0.0.1:9000.',
  ],
  ['STRIPE_API_BASE', 'api.stripe.com', noWebAddress('STRIPE_API_BASE')],
  ['FRONTEND_URL', 'chat.example.com', noWebAddress('FRONTEND_URL')],
  ['FRONTEND_URL', 'localhost:3000', noWebAddress('FRONTEND_URL')],
  [
    'FRONTEND_URL',
    'https://chat.example.com/#/plans',
    'FRONTEND_URL must end before any ? or #: paths are appended to it.',
  ],
  ['FRONTEND_URL', 'https://me:secret@chat.example.com', 'FRONTEND_URL must not hold a user name or password.'],
  ['FRONTEND_URL', 'https://*.example.com', 'FRONTEND_URL must be one address; a * stands for none.'],
  ['CORS_ORIGINS', 'app.example.com', noOrigin('app.example.com', '; write https://app.example.com')],
  [
    'CORS_ORIGINS',
    'https://app.example.com/chat',
    noOrigin('https://app.example.com/chat', '; write https://app.example.com'),
  ],
  ['CORS_ORIGINS', 'https://App.example.com', noOrigin('https://App.example.com', '; write https://app.example.com')],
  ['CORS_ORIGINS', 'https://*.example.com', noOrigin('https://*.example.com')],
  ['CORS_ORIGINS', 'http://localhost:*', noOrigin('http://localhost:*')],
  ['TRUSTED_PROXIES', '0.0.0.0/0', tooWide('0.0.0.0/0')],
  ['TRUSTED_PROXIES', '::/0', tooWide('::/0')],
  ['TRUSTED_PROXIES', '::ffff:0:0/96', tooWide('::ffff:0:0/96')],
  ['TRUSTED_PROXIES', '1', noProxy('1')],
  ['TRUSTED_PROXIES', 'true', noProxy('true')],
  ['TRUSTED_PROXIES', 'loopback', noProxy('loopback')],
  ['TRUSTED_PROXIES', 'caddy', noProxy('caddy')],
  ['SERVICE_DAILY_COST_USD', '$25', 'SERVICE_DAILY_COST_USD must be an amount such as 25 or 0.5; it is "$25".'],
  ['WEB_CONCURRENCY', 'max', 'WEB_CONCURRENCY must be a whole number from 1 to 1024; it is "max".'],
  [
    'WEB_CONCURRENCY',
    '4',
    'WEB_CONCURRENCY is 4, but several processes can only share PostgreSQL and Redis; set DATABASE_URL and REDIS_URL, or WEB_CONCURRENCY=1.',
  ],
  ['OTEL_EXPORTER_OTLP_ENDPOINT', 'collector:4318', noWebAddress('OTEL_EXPORTER_OTLP_ENDPOINT')],
  [
    'OTEL_EXPORTER_OTLP_ENDPOINT',
    'http://collector:4317',
    'OTEL_EXPORTER_OTLP_ENDPOINT must be the OTLP/HTTP port of the collector, usually 4318; 4317 speaks gRPC.',
  ],
  [
    'OTEL_EXPORTER_OTLP_ENDPOINT',
    'http://collector:4318/v1/traces',
    'OTEL_EXPORTER_OTLP_ENDPOINT must end before /v1/traces, which is appended to it.',
  ],
  ['DOCS', 'maybe', 'DOCS must be true or false; it is "maybe".'],
  ['SMS_COUNTRIES', 'Germany', 'SMS_COUNTRIES must list ISO 3166 codes such as US or DE; "Germany" is none.'],
  ['SMS_COUNTRIES', 'UK', 'SMS_COUNTRIES must name the country GB instead of UK.'],
  ['LOG_LEVEL', 'verbose', 'LOG_LEVEL must be one of fatal, error, warn, info, debug, trace, silent; it is "verbose".'],
];

/** Allowed in development, refused with `NODE_ENV=production`. */
const rowsOfProduction: readonly Row[] = [
  ['SECRET_KEY', '', 'SECRET_KEY must be set in production: make one with `openssl rand -hex 32`.'],
  [
    'SECRET_KEY',
    'change-me-change-me-change-me-change-me',
    'SECRET_KEY must be random in production, 32 characters or more; it has a placeholder in it. Make one with `openssl rand -hex 32`.',
  ],
  [
    'METRICS_TOKEN',
    'metrics',
    'METRICS_TOKEN must be random in production; it has a secret of 7 characters. Make one with `openssl rand -hex 32`.',
  ],
  [
    'PUSH_TEST_ORIGIN',
    'http://127.0.0.1:9000',
    'PUSH_TEST_ORIGIN must not be set in production: it opens a private address to requests of people.',
  ],
  ['OTP_ECHO', 'true', 'OTP_ECHO must not be on in production: it hands every code to whoever asks.'],
  [
    'OTP_RESEND_SECONDS',
    '0',
    'OTP_RESEND_SECONDS must not be 0 in production: it protects against guessing and SMS bills.',
  ],
  [
    'SMS_PROVIDER',
    'console',
    'SMS_PROVIDER must be twilio in production: the console shows codes to whoever reads it.',
  ],
  ['GEMINI_API_KEY', '', 'GEMINI_API_KEY must be set in production: the demo model is for development.'],
];

export interface WrongValue extends WrongSetting {
  readonly setting: SettingName;
  /** Invalid only in production. */
  readonly production: boolean;
}

function valuesOf(from: readonly Row[], production: boolean): WrongValue[] {
  return from.map(([setting, given, sentence]) => ({ setting, given, sentence, production }));
}

export const wrongValues: readonly WrongValue[] = [...valuesOf(rows, false), ...valuesOf(rowsOfProduction, true)];
