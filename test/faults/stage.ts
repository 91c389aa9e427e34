/** The environment of a scenario: a fresh database, a Redis, a fake Gemini, and product processes. */
import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { DatabaseError, Pool } from 'pg';
import type { Role } from '../../server/config/config.ts';
import { askAt, type Environment } from '../harness.ts';
import { startRedis, type RedisServer } from '../redis-server.ts';
import type { ProcessOptions } from '../processes.ts';
import type { Sql } from '../sql.ts';
import { startGemini, type GeminiProcess } from './fake-gemini.ts';
import { stablePort } from './ports.ts';
import type { PostgresServer } from './postgres-server.ts';
import { startService, type Service } from './service.ts';
import { pause } from './waiting.ts';

export interface Stage extends AsyncDisposable {
  readonly postgres: PostgresServer;
  readonly databaseUrl: string;
  readonly redis: RedisServer;
  readonly fake: GeminiProcess;
  /** A folder for this stage. */
  readonly folder: string;
  /** Queries the database; retries while it is away. */
  readonly sql: Sql;
  /** Starts a product process on this stage; it ends with the stage. */
  start(role: Role, environment?: Environment, options?: ProcessOptions): Promise<Service>;
  /** Another stage on the same PostgreSQL; it ends with this one. */
  another(options?: StageOptions): Promise<Stage>;
}

export interface StageOptions {
  /** Further arguments of redis-server. */
  readonly redis?: readonly string[];
  /** The address for processes on other machines; PostgreSQL must already listen there, Redis will. */
  readonly address?: string;
}

const loopback = '127.0.0.1';

/** Quotas and rates are off; another scenario tests them. */
const generous: Environment = { BASIC_DAILY_LIMIT: '1000000', LOG_LEVEL: process.env.FAULTS_LOG_LEVEL ?? 'silent' };

export async function openStage(
  postgres: PostgresServer,
  { redis: redisArgs = [], address = loopback }: StageOptions = {},
): Promise<Stage> {
  await using opened = new AsyncDisposableStack();
  const folder = await mkdtemp(path.join(os.tmpdir(), 'pollux-stage-'));
  opened.defer(() => rm(folder, { recursive: true, force: true }));
  const databaseUrl = await postgres.createDatabase();
  const bind = address === loopback ? [] : ['--bind', loopback, address, '--protected-mode', 'no'];
  const redis = opened.use(await startRedisOnStablePort([...bind, ...redisArgs]));
  const fake = opened.use(await startGemini());
  const pool = new Pool({ connectionString: databaseUrl, max: 4, connectionTimeoutMillis: 5000 });
  pool.on('error', () => {});
  opened.defer(() => pool.end());
  const environment = {
    ...generous,
    DATA_DIR: folder,
    DATABASE_URL: databaseUrl.replace(loopback, address),
    REDIS_URL: redis.url.replace(loopback, address),
    ...askAt(fake),
  };
  const resources = opened.move();
  return {
    postgres,
    databaseUrl,
    redis,
    fake,
    folder,
    sql: (text, values = []) => queryPersistently(pool, text, values),
    start: async (role, more = {}, options = {}) =>
      resources.use(await startService({ ...environment, ...more }, role, options)),
    another: async (options) => resources.use(await openStage(postgres, options)),
    [Symbol.asyncDispose]: () => resources.disposeAsync(),
  };
}

async function startRedisOnStablePort(args: readonly string[]): Promise<RedisServer> {
  const port = await stablePort();
  const server = await startRedis({ args: ['--port', String(port), ...args] });
  return { ...server, port, url: `redis://127.0.0.1:${port}` };
}

const persistForMs = 30_000;

async function queryPersistently<Row>(pool: Pool, text: string, values: readonly unknown[]): Promise<Row[]> {
  const giveUpAt = Date.now() + persistForMs;
  for (;;) {
    try {
      const { rows } = await pool.query(text, [...values]);
      return rows as Row[];
    } catch (error) {
      const refused = error instanceof DatabaseError && !error.code?.startsWith('57P');
      if (refused || Date.now() > giveUpAt) throw error;
      await pause(100);
    }
  }
}
