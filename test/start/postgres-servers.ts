/** The PostgreSQL servers that the rows of wrong settings point to. */
import { once } from 'node:events';
import { chownSync, chmodSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { Client } from 'pg';
import { pino } from 'pino';
import { openPostgres } from '../../server/adapters/database/postgres.ts';
import { startPostgres, type PostgresServer } from '../faults/postgres-server.ts';
import { until } from '../faults/waiting.ts';
import { freePort } from '../redis-server.ts';
import { makeCertificate } from './certificate.ts';
import type { Servers } from './postgres.ts';

const roles = `
create role app login password 'app';
create role reader login password 'app';
create role stranger login password 'app';
create role team nologin password 'app';
create role maker login password 'app';
create role latecomer login password 'app';
create role capped login password 'app' connection limit 0;
create role readonly login password 'app';
alter role readonly set default_transaction_read_only = on;
create database chat owner app;
create database latin owner app encoding 'LATIN1' locale 'C' template template0;
create database closed owner app;
revoke connect on database closed from public;
create database taken owner maker`;

/** Users as on managed servers: everybody needs a password, some may not connect, and there is no superuser. */
const rules = `
host all postgres 127.0.0.1/32 trust
host all stranger 127.0.0.1/32 reject
host all all 127.0.0.1/32 scram-sha-256
`;
const rulesOfTls = `
host all postgres 127.0.0.1/32 trust
hostssl all all 127.0.0.1/32 trust
`;

export async function openServers(opened: AsyncDisposableStack): Promise<Servers> {
  const plain = opened.use(
    await startPostgres({ settings: ['max_connections=20'], prepare: (data) => replaceRules(data, rules) }),
  );
  await execute(plain.url, roles);
  await asMaker(plain);
  const tls = opened.use(await startPostgres({ settings: ['ssl=on'], prepare: useTls }));
  await execute(tls.url, `create role app login; create database chat owner app`);
  const replica = opened.use(await startPostgres());
  await replica.stop();
  writeFileSync(path.join(replica.data, 'standby.signal'), '');
  await replica.start();
  const stopping = opened.use(await startPostgres());
  opened.use(await keepStopping(stopping));
  const web = createServer((_request, response) => response.end()).listen(0, '127.0.0.1');
  await once(web, 'listening');
  opened.defer(() => void web.close());
  const at = ({ port }: PostgresServer, login: string) => `postgres://${login}@127.0.0.1:${port}`;
  return {
    plain: (database, user, password = 'app') =>
      `${at(plain, password === '' ? user : `${user}:${password}`)}/${database}`,
    certificate: path.join(tls.data, 'server.crt'),
    tls: (database) => `${at(tls, 'app')}/${database}`,
    replica: (database) => `${at(replica, 'postgres')}/${database}`,
    stopping: (database) => `${at(stopping, 'postgres')}/${database}`,
    closedPort: await freePort(),
    webPort: (web.address() as AddressInfo).port,
  };
}

function replaceRules(data: string, text: string): void {
  writeFileSync(path.join(data, 'pg_hba.conf'), text);
}

function useTls(data: string): void {
  replaceRules(data, rulesOfTls);
  const [key, certificate] = ['server.key', 'server.crt'].map((name) => path.join(data, name)) as [string, string];
  makeCertificate({ key, certificate });
  const { uid, gid } = statSync(data);
  chownSync(key, uid, gid);
  chmodSync(key, 0o600);
}

/** Creates the tables as one user, so that another one, who may create tables, does not own them. */
async function asMaker({ port, url }: PostgresServer): Promise<void> {
  const log = pino({ level: 'silent' });
  const made = await openPostgres({
    url: `postgres://maker:app@127.0.0.1:${port}/taken`,
    directUrl: null,
    poolSize: 1,
    processes: 1,
    log,
  });
  await made[Symbol.asyncDispose]();
  await execute(
    url.replace(/postgres$/, 'taken'),
    'grant create on database taken to latecomer; grant create, usage on schema public to latecomer',
  );
}

/** Starts a smart shutdown and holds a connection open: from then on new connections are rejected. */
async function keepStopping({ data, url }: PostgresServer): Promise<AsyncDisposable> {
  const client = new Client({ connectionString: url });
  client.on('error', () => {});
  await client.connect();
  process.kill(Number.parseInt(readFileSync(path.join(data, 'postmaster.pid'), 'utf8'), 10), 'SIGTERM');
  await until('PostgreSQL turns newcomers away', 10_000, async () => (await codeOf(url)) === '57P03');
  return { [Symbol.asyncDispose]: () => client.end().catch(() => {}) };
}

async function codeOf(url: string): Promise<string | undefined> {
  return execute(url, 'select 1').then(
    () => undefined,
    (error: { code?: string }) => error.code,
  );
}

async function execute(url: string, statements: string): Promise<void> {
  const client = new Client({ connectionString: url });
  client.on('error', () => {});
  try {
    await client.connect();
    // `create database` cannot share a round trip with anything.
    for (const statement of statements.split(';')) await client.query(statement);
  } finally {
    await client.end().catch(() => {});
  }
}
