/** What every row uses: the run's own services, product processes and load generators. */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { shippedFlags } from '../scripts/shipped-flags.ts';
import type { Role } from '../server/config/config.ts';
import { freePort, startRedis } from '../test/redis-server.ts';
import { answers, root, startNode, type Child } from './child.ts';
import { startPostgres } from './postgres.ts';

export const secret = 'a-key-for-benchmarks-only-0123456789';

/** Time limit of a row. */
export interface Scale {
  readonly rounds: number;
  /** Seconds of load for each side and round. */
  readonly seconds: number;
  /** Seconds of a round in which users wait for whole answers. */
  readonly answerSeconds: number;
  /** Fraction of the connections, replies and rows that the goals name. */
  readonly size: number;
}

export const wholeRun: Scale = { rounds: 5, seconds: 1, answerSeconds: 4, size: 1 };
export const quickRun: Scale = { rounds: 1, seconds: 0.5, answerSeconds: 3, size: 0.1 };

export interface Server extends AsyncDisposable {
  readonly url: string;
  readonly child: Child;
}

export interface Bed extends AsyncDisposable {
  readonly scale: Scale;
  /** Folder for profiles and traces; null if none were requested. */
  readonly profiles: string | null;
  readonly redisUrl: string;
  readonly geminiUrl: string;
  readonly children: { readonly postgres: Child; readonly gemini: Child };
  /** Creates a database and returns the settings of a product that uses it. */
  place(name: string): Promise<Record<string, string>>;
  /** Settings of an embedded product with a new folder. */
  embeddedPlace(name: string): Record<string, string>;
  /** Starts the product and waits until it is healthy. */
  product(role: 'all' | 'api' | 'worker', env: Readonly<Record<string, string>>): Promise<Server>;
  /** Starts a program of `bench/bare` and waits until it answers. */
  bare(name: string, env?: Readonly<Record<string, string>>): Promise<Server>;
  /** Runs a load generator of `bench/load` in a separate process and returns its report. */
  load(name: string, task: object): Promise<unknown>;
}

const productEntry = 'server/main.ts';

/** Little logging, no limits on codes and accounts. */
const environment = {
  HOST: '127.0.0.1',
  SECRET_KEY: secret,
  LOG_LEVEL: 'warn',
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
  UNFINISHED_REPLIES_AT_MOST: '0',
  BASIC_DAILY_LIMIT: '1000000',
};

/** Starts the services. Data and logs go to `folder`, CPU profiles of product processes to `profiles` unless null. */
export async function makeBed(folder: string, scale: Scale, profiles: string | null): Promise<Bed> {
  await using opened = new AsyncDisposableStack();
  const postgres = opened.use(await startPostgres(folder));
  const redis = opened.use(await startRedis());
  const gemini = opened.use(await startGemini(folder));
  const resources = opened.move();
  let places = 0;

  async function serve(
    entry: string,
    args: readonly string[],
    name: string,
    env: Record<string, string>,
    ready: string,
  ) {
    const port = String(await freePort());
    const profiled = profiles !== null && entry === productEntry;
    const flags = [
      ...(entry === productEntry ? shippedFlags(args[0] as Role) : []),
      ...(profiled ? ['--cpu-prof', `--cpu-prof-dir=${profiles}`] : []),
    ];
    // A worker has no other port.
    const portOf = args[0] === 'worker' ? 'HEALTH_PORT' : 'PORT';
    const child = startNode(entry, args, { logs: folder, name, env: { ...env, [portOf]: port }, flags });
    const url = `http://127.0.0.1:${port}`;
    try {
      await answers(`${url}${ready}`);
    } catch (error) {
      // Its handle would keep this process.
      await child.stop();
      throw error;
    }
    return { url, child, [Symbol.asyncDispose]: () => child.stop(profiled ? 'SIGTERM' : 'SIGKILL') };
  }

  const vendor = { GEMINI_API_KEY: 'a-key-for-benchmarks', GEMINI_BASE_URL: gemini.url };
  return {
    scale,
    profiles,
    redisUrl: redis.url,
    geminiUrl: gemini.url,
    children: { postgres: postgres.child, gemini: gemini.child },
    async place(name) {
      places += 1;
      const database = await postgres.createDatabase(`${name}_${places}`);
      const prefix = `bench-${places}`;
      return { ...vendor, DATABASE_URL: database, REDIS_URL: redis.url, REDIS_PREFIX: prefix, DATA_DIR: folder };
    },
    embeddedPlace(name) {
      places += 1;
      const directory = path.join(folder, `${name}-${places}`);
      mkdirSync(directory);
      return { ...vendor, DATA_DIR: directory };
    },
    product: (role, env) => serve(productEntry, [role], `product-${role}`, { ...environment, ...env }, '/health/live'),
    bare: (name, env = {}) => serve(`bench/bare/${name}.ts`, [], `bare-${name}`, { ...env }, '/'),
    load: runLoad,
    [Symbol.asyncDispose]: () => resources.disposeAsync(),
  };
}

async function startGemini(folder: string): Promise<Server> {
  const port = String(await freePort());
  const child = startNode('test/fakes/gemini-server.ts', ['--port', port, '--keep', '1'], {
    logs: folder,
    name: 'gemini',
  });
  const url = `http://127.0.0.1:${port}`;
  await answers(`${url}/_control/stats`);
  return { url, child, [Symbol.asyncDispose]: () => child.stop() };
}

async function runLoad(name: string, task: object): Promise<unknown> {
  const child = fork(path.join(root, `bench/load/${name}.ts`), [], { serialization: 'advanced' });
  child.send(task);
  const [report] = await Promise.race([
    once(child, 'message'),
    once(child, 'exit').then(([code]) => {
      throw new Error(`the load generator ${name} ended with ${code}`);
    }),
  ]);
  if (child.connected) child.disconnect();
  return report;
}
