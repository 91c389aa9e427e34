/** Parses the environment once into a frozen configuration of tagged unions. */
import path from 'node:path';
import { parseCollector, parseHost, parseOrigins, parseProxies } from './network.ts';
import { parseCatalog, type ParsedCatalog } from './parse-catalog.ts';
import { settingsInForce, type SettingInForce } from './in-force.ts';
import { parseOperator, type OperatorConfig } from './operator.ts';
import { parsePush, type PushConfig } from './push.ts';
import { parseRates, type RatesConfig } from './rates.ts';
import { readEnvironment, type Environment, type Reader } from './reader.ts';
import { parseDatabase, parseRedis, type DatabaseConfig, type RedisConfig } from './shared-state.ts';
import { parseSecrets } from './secrets.ts';
import { parseOtp, type OtpConfig } from './sign-in.ts';
import { parseSms, type SmsConfig } from './sms.ts';
import { parseStorage, type StorageConfig } from './storage.ts';
import { parseGemini, parseStripe, type GeminiConfig, type StripeConfig } from './vendors.ts';

export type Role = 'all' | 'api' | 'worker';

export interface Config extends ParsedCatalog {
  readonly role: Role;
  readonly production: boolean;
  readonly host: string;
  readonly port: number;
  /** Port for health and metrics; null = none, so a worker does not listen. */
  readonly healthPort: number | null;
  readonly operator: OperatorConfig;
  readonly dataDir: string;
  readonly database: DatabaseConfig;
  readonly redis: RedisConfig | null;
  readonly storage: StorageConfig;
  /** Newest first. Null in development when none is set: one is generated and stored in `dataDir`. */
  readonly secretKeys: readonly string[] | null;
  readonly algorithm: 'HS256' | 'HS384' | 'HS512';
  readonly accessTokenSeconds: number;
  readonly otp: OtpConfig;
  readonly rates: RatesConfig;
  readonly sms: SmsConfig;
  /** Null without a key. */
  readonly gemini: GeminiConfig | null;
  readonly stripe: StripeConfig | null;
  /** Null: no push messages. */
  readonly push: PushConfig | null;
  /** Without trailing slash; null = the web client served by this server. */
  readonly frontendUrl: string | null;
  readonly corsOrigins: readonly string[];
  readonly trustedProxies: readonly string[];
  /** What the models may cost in a UTC day, in micro-dollars; null = unlimited. */
  readonly serviceDailyCostMicros: number | null;
  /** Unfinished replies an account may have; 0 = unlimited. */
  readonly unfinishedRepliesAtMost: number;
  /** Reads of shared chats a minute for an address; 0 = unlimited. */
  readonly sharedReadsMinute: number;
  /** Refunds of an account a day; 0 = unlimited. */
  readonly refundsDaily: number;
  readonly replyTimeoutMs: number;
  /** How long a reply may wait for its first claim; 0 = unlimited. */
  readonly queueMs: number;
  readonly webConcurrency: number;
  readonly workerConcurrency: number;
  /** Service name in traces; null = tracing is off. */
  readonly traceServiceName: string | null;
  readonly logLevel: (typeof logLevels)[number];
  /** What operators see of all this. */
  readonly settingsInForce: readonly SettingInForce[];
}

const logLevels = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const;

/** Parses the environment for a role. Throws `StartRefused`, which names every invalid variable. */
export function parseConfig(environment: Environment, role: Role): Config {
  const read = readEnvironment(environment);
  const production = read.oneOf('NODE_ENV', ['development', 'production', 'test']) === 'production';
  const host = parseHost(read);
  const dataDir = path.resolve(read.string('DATA_DIR'));
  const sms = parseSms(read, production);
  const gemini = parseGemini(read);
  const config: Config = {
    role,
    production,
    host,
    port: read.integer('PORT', 0, 65_535),
    healthPort: read.text('HEALTH_PORT') === null ? null : read.integer('HEALTH_PORT', 0, 65_535),
    operator: parseOperator(read, production),
    dataDir,
    database: parseDatabase(read, dataDir),
    redis: parseRedis(read),
    storage: parseStorage(read, dataDir),
    secretKeys: parseSecrets(read, production),
    algorithm: read.oneOf('ALGORITHM', ['HS256', 'HS384', 'HS512']),
    accessTokenSeconds: read.integer('ACCESS_TOKEN_EXPIRE_MINUTES', 1, 525_600) * 60,
    otp: parseOtp(read, { production, host, smsKind: sms.kind }),
    rates: parseRates(read),
    sms,
    ...parseCatalog(read, { production, gemini, environment }),
    gemini,
    stripe: parseStripe(read),
    push: parsePush(read, production),
    frontendUrl: read.webAddress('FRONTEND_URL'),
    corsOrigins: parseOrigins(read),
    trustedProxies: parseProxies(read),
    serviceDailyCostMicros: parseDailyCost(read),
    unfinishedRepliesAtMost: read.integer('UNFINISHED_REPLIES_AT_MOST', 0, 1_000_000),
    sharedReadsMinute: read.integer('SHARED_READS_MINUTE', 0, 1_000_000),
    refundsDaily: read.integer('REFUNDS_DAILY', 0, 1_000_000),
    replyTimeoutMs: read.integer('REPLY_TIMEOUT_SECONDS', 1, 86_400) * 1000,
    queueMs: read.integer('REPLY_QUEUE_MINUTES', 0, 100_000) * 60_000,
    webConcurrency: read.integer('WEB_CONCURRENCY', 1, 1024),
    workerConcurrency: read.integer('WORKER_CONCURRENCY', 1, 100_000),
    traceServiceName: parseCollector(read) === null ? null : read.string('OTEL_SERVICE_NAME'),
    logLevel: read.oneOf('LOG_LEVEL', logLevels),
    settingsInForce: settingsInForce(environment),
  };
  refuseLonelyProcesses(read, config);
  read.finish();
  return Object.freeze(config);
}

function parseDailyCost(read: Reader): number | null {
  const value = read.text('SERVICE_DAILY_COST_USD');
  if (value === null) return null;
  if (/^\d{1,9}(\.\d{1,6})?$/.test(value)) return Math.round(Number(value) * 1_000_000);
  read.complain(`SERVICE_DAILY_COST_USD must be an amount such as 25 or 0.5; it is "${value}".`);
  return null;
}

function refuseLonelyProcesses(read: Reader, config: Config): void {
  const shared = config.database.kind === 'postgres' && config.redis !== null;
  if (shared) return;
  const missing = [config.database.kind === 'postgres' ? '' : 'DATABASE_URL', config.redis ? '' : 'REDIS_URL']
    .filter(Boolean)
    .join(' and ');
  if (config.webConcurrency > 1) {
    read.complain(
      `WEB_CONCURRENCY is ${config.webConcurrency}, but several processes can only share PostgreSQL and Redis; set ${missing}, or WEB_CONCURRENCY=1.`,
    );
  }
  if (config.role !== 'all') {
    read.complain(
      `The role "${config.role}" runs beside other processes, which can only share PostgreSQL and Redis; set ${missing}, or run everything in one process with \`npm start\`.`,
    );
  }
}
