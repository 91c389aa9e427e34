/** All settings: default and description. Source of `--help`, README and .env.example. */

export interface Setting {
  /** The default as text; empty if there is none. */
  readonly fallback: string;
  readonly about: string;
}

export const settings = {
  NODE_ENV: {
    fallback: 'development',
    about: '`production` disables development features and refuses unsafe settings',
  },
  HOST: { fallback: '127.0.0.1', about: 'address to listen on' },
  PORT: { fallback: '8000', about: 'port to listen on' },
  HEALTH_PORT: {
    fallback: '',
    about: 'a second, private port: /health/live, /health/ready with details, /metrics; the only port of a worker',
  },
  METRICS_TOKEN: {
    fallback: '',
    about:
      'bearer token for /metrics, details of /health/ready and hidden documents on PORT, which production hides from the public',
  },
  DOCS: {
    fallback: '',
    about: 'whether /docs, /redoc and /openapi.json are public; on in development, off in production',
  },
  ADMIN_MOBILE_NUMBERS: {
    fallback: '',
    about:
      'numbers of administrators in international form, comma separated; an account gets the role when it signs in, or at the next start',
  },
  DATA_DIR: {
    fallback: './data',
    about: 'folder of the embedded database and the generated development secret, accessible to its owner only (0700)',
  },
  DATABASE_URL: { fallback: '', about: '`postgres://…`; not set: embedded PostgreSQL in DATA_DIR, one process' },
  DATABASE_DIRECT_URL: {
    fallback: '',
    about: 'the same database without the pooler, if DATABASE_URL is a pooler in transaction mode',
  },
  DATABASE_POOL_SIZE: { fallback: '10', about: 'maximum of PostgreSQL connections for each process' },
  REDIS_URL: { fallback: '', about: '`redis://…` or `rediss://…`; not set: queue, feed and cache in the process' },
  REDIS_HOST: { fallback: '', about: 'host, instead of REDIS_URL' },
  REDIS_PORT: { fallback: '6379', about: 'with REDIS_HOST' },
  REDIS_PASSWORD: { fallback: '', about: 'with REDIS_HOST' },
  REDIS_DB: { fallback: '0', about: 'with REDIS_HOST' },
  REDIS_SSL: { fallback: 'false', about: 'with REDIS_HOST: connect over TLS' },
  REDIS_PREFIX: { fallback: 'pollux', about: 'prefix of all Redis keys and channels' },
  STORAGE_URL: {
    fallback: '',
    about:
      '`s3://bucket/prefix?endpoint=…&region=…` for uploaded files, credentials as the AWS SDK finds them; not set: a folder in DATA_DIR, which all processes must share',
  },
  SECRET_KEY: {
    fallback: '',
    about:
      'signs tokens and keys code hashes; random, 32 characters or more; to change it, a comma-separated list, newest first; generated in DATA_DIR in development',
  },
  ALGORITHM: { fallback: 'HS256', about: 'signature of access tokens: HS256, HS384 or HS512' },
  ACCESS_TOKEN_EXPIRE_MINUTES: { fallback: '1440', about: 'lifetime of an access token, limited by its session' },
  OTP_ECHO: {
    fallback: '',
    about:
      'return the code from send-otp; on in local development, refused in production; never through a proxy, with TRUSTED_PROXIES or with an https FRONTEND_URL',
  },
  OTP_ADDRESS_HOURLY: {
    fallback: '10',
    about:
      'codes an hour for a client address (IPv6: its /64; four times as many for the /56, sixteen for the /48); 0 = off',
  },
  OTP_PREFIX_HOURLY: {
    fallback: '20',
    about: 'SMS an hour to a number range, half of them reserved for accounts that signed in before; 0 = off',
  },
  OTP_NUMBER_HOURLY: { fallback: '5', about: 'codes an hour for a number, twice as many a day; 0 = off' },
  OTP_GLOBAL_HOURLY: {
    fallback: '1000',
    about: 'SMS an hour in total, half of them reserved for accounts that signed in before; 0 = off',
  },
  OTP_RESEND_SECONDS: {
    fallback: '60',
    about: 'wait before a second code; then twice, then five times as long; 0 = off',
  },
  OTP_VERIFY_ADDRESS_HOURLY: {
    fallback: '60',
    about: 'guesses an hour from a client address (IPv6: its /64); 0 = off',
  },
  ACCOUNT_WRITES_MINUTE: {
    fallback: '120',
    about: 'POST, PUT, PATCH and DELETE requests a minute for each account, except sign-in and stop; 0 = off',
  },
  ACCOUNT_FEEDS_MINUTE: { fallback: '60', about: 'live feeds and tickets a minute for each account; 0 = off' },
  ACCOUNT_FEEDS_OPEN: { fallback: '20', about: 'open live feeds for each account and process; 0 = off' },
  ACCOUNT_BILLING_MINUTE: { fallback: '10', about: 'requests a minute that call Stripe, for each account; 0 = off' },
  ACCOUNT_REQUESTS_AT_ONCE: {
    fallback: '6',
    about: 'concurrent requests for each account and process, except feeds; 30 more wait; 0 = off',
  },
  SHARED_READS_MINUTE: {
    fallback: '120',
    about:
      'reads of shared chats a minute from a client address (IPv6: its /64; four times as many for the /56, sixteen for the /48), six at once; 0 = off',
  },
  SMS_COUNTRIES: {
    fallback: '',
    about: 'countries whose numbers can sign in, as ISO 3166 codes, comma separated; not set: all',
  },
  SMS_PROVIDER: { fallback: 'console', about: '`console` (development) or `twilio`' },
  TWILIO_ACCOUNT_SID: { fallback: '', about: 'with SMS_PROVIDER=twilio' },
  TWILIO_AUTH_TOKEN: { fallback: '', about: 'with SMS_PROVIDER=twilio' },
  TWILIO_FROM_NUMBER: { fallback: '', about: 'sender, unless TWILIO_MESSAGING_SERVICE_SID is set' },
  TWILIO_MESSAGING_SERVICE_SID: { fallback: '', about: 'sender pool, unless TWILIO_FROM_NUMBER is set' },
  TWILIO_API_BASE: { fallback: '', about: "base URL of another server with Twilio's API" },
  CATALOG: {
    fallback: '',
    about:
      'JSON file with models and plans, of the schema served at /catalog.schema.json; not set: one Gemini model, Basic and Pro',
  },
  GEMINI_API_KEY: { fallback: '', about: 'not set: a demo model answers (development only)' },
  GEMINI_MODEL: { fallback: 'gemini-3.5-flash-lite', about: 'name of the model' },
  GEMINI_BASE_URL: { fallback: '', about: "base URL of another server with Gemini's API" },
  CONTEXT_TOKEN_BUDGET: {
    fallback: '32000',
    about: 'maximum of the conversation sent to the model, in estimated tokens',
  },
  STRIPE_SECRET_KEY: { fallback: '', about: 'enables billing, with STRIPE_WEBHOOK_SECRET and STRIPE_PRO_PRICE_ID' },
  STRIPE_WEBHOOK_SECRET: { fallback: '', about: 'signing secret of the webhook endpoint' },
  STRIPE_THIN_WEBHOOK_SECRET: { fallback: '', about: 'signing secret of a second endpoint, for thin events' },
  STRIPE_PRO_PRICE_ID: { fallback: '', about: 'recurring price of Pro' },
  STRIPE_API_BASE: { fallback: '', about: "base URL of another server with Stripe's API" },
  VAPID_SUBJECT: {
    fallback: '',
    about:
      'address at which push services reach you, `mailto:…` or `https://…`; not set: no push messages in production',
  },
  PUSH_TEST_ORIGIN: {
    fallback: '',
    about: 'for tests: an origin of push services that is neither https nor public; refused in production',
  },
  FRONTEND_URL: {
    fallback: '',
    about:
      'address of the web client: Stripe redirects there, and codes in SMS are bound to its host; not set: /app/plans of this server, codes not bound',
  },
  CORS_ORIGINS: { fallback: '', about: 'further origins that may call the API from browsers, comma separated' },
  TRUSTED_PROXIES: { fallback: '', about: 'CIDRs of proxies whose X-Forwarded-For is trusted, comma separated' },
  BASIC_DAILY_LIMIT: { fallback: '5', about: 'messages a day for a Basic account' },
  SERVICE_DAILY_COST_USD: {
    fallback: '',
    about: 'what the models may cost in a UTC day for all accounts, in US dollars; not set: unlimited',
  },
  UNFINISHED_REPLIES_AT_MOST: {
    fallback: '20',
    about: 'unfinished replies for each account; 0 = unlimited',
  },
  REFUNDS_DAILY: { fallback: '20', about: 'failed messages refunded a day for each account; 0 = unlimited' },
  REPLY_TIMEOUT_SECONDS: { fallback: '300', about: 'deadline of a reply from its first claim, over all attempts' },
  REPLY_QUEUE_MINUTES: {
    fallback: '15',
    about: 'a reply not claimed by then fails and is refunded; 0 = no limit',
  },
  WEB_CONCURRENCY: { fallback: '1', about: 'processes that share the port; more than 1 requires PostgreSQL and Redis' },
  WORKER_CONCURRENCY: { fallback: '100', about: 'replies generated at a time in a process' },
  OTEL_EXPORTER_OTLP_ENDPOINT: {
    fallback: '',
    about: 'OpenTelemetry collector for traces, over OTLP/HTTP',
  },
  OTEL_SERVICE_NAME: { fallback: 'pollux', about: 'name of this service in traces' },
  LOG_LEVEL: { fallback: 'info', about: 'fatal, error, warn, info, debug, trace or silent' },
} as const satisfies Record<string, Setting>;

export type SettingName = keyof typeof settings;
