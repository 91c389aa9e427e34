/** All settings: default and description. Source of `--help`, README and .env.example. */

export interface Setting {
  /** The default as text; empty if there is none. */
  readonly fallback: string;
  readonly about: string;
}

export const settings = {
  NODE_ENV: {
    fallback: 'development',
    about: '`production` turns every development convenience off and refuses unsafe settings',
  },
  HOST: { fallback: '127.0.0.1', about: 'address to listen on' },
  PORT: { fallback: '8000', about: 'port to listen on' },
  HEALTH_PORT: {
    fallback: '',
    about:
      'a second port, not for the public: /health/live, /health/ready with details, /metrics; all a worker listens on',
  },
  METRICS_TOKEN: {
    fallback: '',
    about:
      'as bearer token opens /metrics, details of /health/ready and closed documents on PORT, which production hides',
  },
  DOCS: { fallback: '', about: '/docs, /redoc and /openapi.json for everybody; on in development, off in production' },
  DATA_DIR: {
    fallback: './data',
    about: 'folder of the embedded database and of the generated development secret, for its owner alone (0700)',
  },
  DATABASE_URL: { fallback: '', about: '`postgres://…`; not set: embedded PostgreSQL in DATA_DIR, one process' },
  DATABASE_DIRECT_URL: {
    fallback: '',
    about: 'the same database without the pooler, when DATABASE_URL leads through one in transaction mode',
  },
  DATABASE_POOL_SIZE: { fallback: '10', about: 'connections each process keeps to PostgreSQL at most' },
  REDIS_URL: { fallback: '', about: '`redis://…` or `rediss://…`; not set: queue, feed and cache inside the process' },
  REDIS_HOST: { fallback: '', about: 'the same in parts, instead of REDIS_URL' },
  REDIS_PORT: { fallback: '6379', about: 'with REDIS_HOST' },
  REDIS_PASSWORD: { fallback: '', about: 'with REDIS_HOST' },
  REDIS_DB: { fallback: '0', about: 'with REDIS_HOST' },
  REDIS_SSL: { fallback: 'false', about: 'with REDIS_HOST: connect over TLS' },
  REDIS_PREFIX: { fallback: 'pollux', about: 'begins the name of every Redis key and channel' },
  SECRET_KEY: {
    fallback: '',
    about:
      'signs tokens, keys code hashes; random, 32 characters or more; comma separated to change it, newest first; development makes one in DATA_DIR',
  },
  ALGORITHM: { fallback: 'HS256', about: 'of access tokens: HS256, HS384 or HS512' },
  ACCESS_TOKEN_EXPIRE_MINUTES: { fallback: '1440', about: 'life of an access token, if its session lives that long' },
  OTP_ECHO: {
    fallback: '',
    about:
      'answer send-otp with the code; on in local development, refused in production; never through a proxy, nor with TRUSTED_PROXIES or an https FRONTEND_URL',
  },
  OTP_ADDRESS_HOURLY: {
    fallback: '10',
    about:
      'codes an hour for a client address (IPv6: its /64; four times as many for the /56, sixteen for the /48); 0 = off',
  },
  OTP_PREFIX_HOURLY: {
    fallback: '20',
    about: 'SMS an hour to a range of numbers, half of them kept for accounts that signed in before; 0 = off',
  },
  OTP_NUMBER_HOURLY: { fallback: '5', about: 'codes an hour for a number, twice as many a day; 0 = off' },
  OTP_GLOBAL_HOURLY: {
    fallback: '1000',
    about: 'SMS an hour in all, half of them kept for accounts that signed in before; 0 = off',
  },
  OTP_RESEND_SECONDS: {
    fallback: '60',
    about: 'wait before a second code; then twice, then five times as long; 0 = off',
  },
  OTP_VERIFY_ADDRESS_HOURLY: {
    fallback: '60',
    about: 'codes tried an hour from a client address (IPv6: its /64); 0 = off',
  },
  ACCOUNT_WRITES_MINUTE: {
    fallback: '120',
    about: 'POST, PUT, PATCH and DELETE requests a minute of an account, signing in and stopping apart; 0 = off',
  },
  ACCOUNT_FEEDS_MINUTE: { fallback: '60', about: 'live feeds and tickets a minute of an account; 0 = off' },
  ACCOUNT_FEEDS_OPEN: { fallback: '20', about: 'live feeds an account has open at a time in a process; 0 = off' },
  ACCOUNT_BILLING_MINUTE: { fallback: '10', about: 'requests a minute of an account that reach Stripe; 0 = off' },
  ACCOUNT_REQUESTS_AT_ONCE: {
    fallback: '6',
    about: 'requests of an account handled at a time in a process, feeds apart; 30 more wait; 0 = off',
  },
  SMS_COUNTRIES: {
    fallback: '',
    about: 'countries whose numbers can sign in, as ISO 3166 codes, comma separated; not set: all',
  },
  SMS_PROVIDER: { fallback: 'console', about: '`console` (development) or `twilio`' },
  TWILIO_ACCOUNT_SID: { fallback: '', about: 'with SMS_PROVIDER=twilio' },
  TWILIO_AUTH_TOKEN: { fallback: '', about: 'with SMS_PROVIDER=twilio' },
  TWILIO_FROM_NUMBER: { fallback: '', about: 'sender, or TWILIO_MESSAGING_SERVICE_SID' },
  TWILIO_MESSAGING_SERVICE_SID: { fallback: '', about: 'sender pool, or TWILIO_FROM_NUMBER' },
  TWILIO_API_BASE: { fallback: '', about: "another server that speaks Twilio's API" },
  GEMINI_API_KEY: { fallback: '', about: 'not set: a demo model answers (development only)' },
  GEMINI_MODEL: { fallback: 'gemini-3.5-flash-lite', about: 'which model answers' },
  GEMINI_BASE_URL: { fallback: '', about: "another server that speaks Gemini's API" },
  CONTEXT_TOKEN_BUDGET: {
    fallback: '32000',
    about: 'how much of the conversation goes to the model, in estimated tokens',
  },
  STRIPE_SECRET_KEY: { fallback: '', about: 'turns billing on, with the two below' },
  STRIPE_WEBHOOK_SECRET: { fallback: '', about: 'signing secret of the webhook endpoint' },
  STRIPE_THIN_WEBHOOK_SECRET: { fallback: '', about: 'signing secret of a second endpoint, for thin events' },
  STRIPE_PRO_PRICE_ID: { fallback: '', about: 'the recurring price that is Pro' },
  STRIPE_API_BASE: { fallback: '', about: "another server that speaks Stripe's API" },
  FRONTEND_URL: {
    fallback: '',
    about:
      'where the web client lives: Stripe sends people back there, codes are bound to its host; not set: /app/plans of this server, bound to none',
  },
  CORS_ORIGINS: { fallback: '', about: 'other origins browsers may call from, comma separated' },
  TRUSTED_PROXIES: { fallback: '', about: 'CIDRs whose X-Forwarded-For is believed, comma separated' },
  BASIC_DAILY_LIMIT: { fallback: '5', about: 'messages a day of a Basic account' },
  UNFINISHED_REPLIES_AT_MOST: {
    fallback: '20',
    about: 'replies of an account that may be unfinished at a time; 0 = any number',
  },
  REFUNDS_DAILY: { fallback: '20', about: 'failed messages a day that an account gets back; 0 = all of them' },
  REPLY_TIMEOUT_SECONDS: { fallback: '300', about: 'a reply not finished by then, over all attempts, fails' },
  REPLY_QUEUE_MINUTES: {
    fallback: '15',
    about: 'a reply that no worker could begin by then fails, and is refunded; 0 = it waits on',
  },
  WEB_CONCURRENCY: { fallback: '1', about: 'processes that share the port; more than 1 needs PostgreSQL and Redis' },
  WORKER_CONCURRENCY: { fallback: '100', about: 'replies a process generates at a time' },
  OTEL_EXPORTER_OTLP_ENDPOINT: {
    fallback: '',
    about: 'OpenTelemetry collector that traces are sent to, over OTLP/HTTP',
  },
  OTEL_SERVICE_NAME: { fallback: 'pollux', about: 'name of this service in traces' },
  LOG_LEVEL: { fallback: 'info', about: 'fatal, error, warn, info, debug, trace or silent' },
} as const satisfies Record<string, Setting>;

export type SettingName = keyof typeof settings;
