/** Starts the product in the test's process: `compose` with test settings and, optionally, other parts. */
import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { pino, type Logger } from 'pino';
import { consoleSms } from '../server/adapters/sms/console.ts';
import { compose } from '../server/compose.ts';
import type { Parts, Product } from '../server/parts.ts';
import { parseConfig, type Role } from '../server/config/config.ts';
import { copyEmbeddedDatabase } from './embedded-template.ts';
import { freshDatabase, redisUrl, services, uniqueName } from './services.ts';

export type Environment = Record<string, string>;

/** Default settings of tests: no limits on codes and accounts, a secret, a free port, little logging. */
export const testEnvironment: Environment = {
  NODE_ENV: 'test',
  HOST: '127.0.0.1',
  PORT: '0',
  SECRET_KEY: 'a-key-for-tests-only-0123456789abcdef',
  OTP_ECHO: 'true',
  OTP_ADDRESS_HOURLY: '0',
  OTP_PREFIX_HOURLY: '0',
  OTP_NUMBER_HOURLY: '0',
  OTP_GLOBAL_HOURLY: '0',
  OTP_RESEND_SECONDS: '0',
  OTP_VERIFY_ADDRESS_HOURLY: '0',
  ACCOUNT_WRITES_MINUTE: '0',
  ACCOUNT_FEEDS_MINUTE: '0',
  ACCOUNT_FEEDS_OPEN: '0',
  ACCOUNT_BILLING_MINUTE: '0',
  ACCOUNT_REQUESTS_AT_ONCE: '0',
  UNFINISHED_REPLIES_AT_MOST: '0',
  SHARED_READS_MINUTE: '0',
  LOG_LEVEL: 'silent',
};

/** Where a product keeps its state: a folder, or a fresh database and a key prefix of the shared Redis. */
export interface Place extends AsyncDisposable {
  readonly environment: Environment;
}

/** An empty folder, as before the first start. */
export async function emptyPlace(): Promise<Place> {
  return placeIn(await newFolder());
}

/** A folder with an empty database, as after the first start. */
export async function embeddedPlace(): Promise<Place> {
  const directory = await newFolder();
  await copyEmbeddedDatabase(path.join(directory, 'pglite'));
  return placeIn(directory);
}

const newFolder = () => mkdtemp(path.join(os.tmpdir(), 'pollux-'));

function placeIn(directory: string): Place {
  return {
    environment: { DATA_DIR: directory },
    [Symbol.asyncDispose]: () => rm(directory, { recursive: true, force: true }),
  };
}

export async function distributedPlace(): Promise<Place> {
  const directory = await emptyPlace();
  const database = await freshDatabase();
  return {
    environment: {
      ...directory.environment,
      DATABASE_URL: database.url,
      REDIS_URL: redisUrl,
      REDIS_PREFIX: uniqueName(),
    },
    async [Symbol.asyncDispose]() {
      await database[Symbol.asyncDispose]();
      await directory[Symbol.asyncDispose]();
    },
  };
}

/** PostgreSQL and Redis where this machine has them, otherwise a folder: for tests that hold in both modes. */
export function anyPlace(): Promise<Place> {
  return services.postgres && services.redis ? distributedPlace() : embeddedPlace();
}

/** Settings that send questions to a fake Gemini. */
export function askAt(fake: { readonly url: string }): Environment {
  return { GEMINI_API_KEY: 'a-key-for-tests', GEMINI_BASE_URL: fake.url };
}

export interface RunningProduct extends AsyncDisposable {
  readonly product: Product;
  /** Its URL; empty for a worker. */
  readonly url: string;
  /** URL of the operator's port; empty without HEALTH_PORT. */
  readonly operatorUrl: string;
}

export interface StartOptions {
  readonly environment?: Environment;
  readonly role?: Role;
  readonly overrides?: Partial<Parts>;
  readonly log?: Logger;
}

/** Starts the product on a free port. Dispose closes it; the caller closes the place. */
export async function startProduct(
  place: Place,
  { environment = {}, role = 'all', overrides = {}, log: givenLog }: StartOptions = {},
): Promise<RunningProduct> {
  const settings = { ...testEnvironment, ...place.environment, ...environment };
  const config = parseConfig(settings, role);
  const log = givenLog ?? pino({ level: config.logLevel });
  // Codes of many sign-ins would flood the output.
  const quiet = config.sms.kind === 'console' ? { sms: consoleSms(() => {}) } : {};
  const product = await compose(config, log, { ...quiet, ...overrides });
  const { app, operatorApp } = product;
  const operatorUrl = operatorApp ? await operatorApp.listen({ host: config.host, port: config.healthPort ?? 0 }) : '';
  const url = app ? await app.listen({ host: config.host, port: config.port }) : '';
  return { product, url, operatorUrl, [Symbol.asyncDispose]: () => product.close(0) };
}
