/** Wrong values of `DATABASE_URL`: every row against a real PostgreSQL, restricted like managed servers. */
import type { Environment } from '../harness.ts';
import type { WrongSetting } from './wrong-settings.ts';

/** The servers the rows point to. Addresses have no query. */
export interface Servers {
  /** Without TLS, 20 connections in all. Asks for passwords. */
  readonly plain: (database: string, user: string, password?: string) => string;
  /** With a self-signed certificate; accepts only TLS. */
  readonly tls: (database: string) => string;
  /** The file of that certificate. */
  readonly certificate: string;
  /** A replica. */
  readonly replica: (database: string) => string;
  /** Shutting down. */
  readonly stopping: (database: string) => string;
  /** A port that nothing listens on. */
  readonly closedPort: number;
  /** The port of a web server. */
  readonly webPort: number;
}

export interface WrongDatabase extends WrongSetting {
  readonly environment: (servers: Servers) => Environment;
}

function row(
  given: string,
  sentence: string,
  url: (servers: Servers) => string,
  more: Environment = {},
): WrongDatabase {
  return {
    setting: 'DATABASE_URL',
    given,
    sentence,
    environment: (servers) => ({ DATABASE_URL: url(servers), ...more }),
  };
}

const unverified =
  'The certificate of PostgreSQL at … cannot be verified (DEPTH_ZERO_SELF_SIGNED_CERT). Add sslmode=verify-full&sslrootcert=FILE with the certificate file of its authority to DATABASE_URL or, on a network you trust, sslmode=no-verify.';
const noTls =
  'PostgreSQL at … does not support TLS, which DATABASE_URL requires. Enable it there or, on a network you trust, remove sslmode from DATABASE_URL.';
const readOnly = 'DATABASE_URL points to a read-only server, such as a replica. Set it to the address of the primary.';

export const wrongDatabases: readonly WrongDatabase[] = [
  row(
    'a host that does not exist',
    'DATABASE_URL names the host "db.invalid", which DNS does not resolve. Correct it.',
    () => 'postgres://app:app@db.invalid/chat',
  ),
  row(
    'a port that nothing listens on',
    'Nothing listens at 127.0.0.1:…, the address in DATABASE_URL. Start PostgreSQL there, or correct host and port.',
    ({ closedPort }) => `postgres://app:app@127.0.0.1:${closedPort}/chat`,
  ),
  row(
    'the port of a web server',
    'The server at 127.0.0.1:… is not PostgreSQL. Correct the host and port of DATABASE_URL.',
    ({ webPort }) => `postgres://app:app@127.0.0.1:${webPort}/chat`,
  ),
  row(
    'a socket that does not exist',
    'There is no socket of PostgreSQL in /nowhere, the address in DATABASE_URL. Start PostgreSQL, or correct the folder.',
    () => 'postgres:///chat?host=/nowhere',
  ),
  row(
    'a wrong password',
    'PostgreSQL at … rejects the password of the user "app". Correct it in DATABASE_URL.',
    ({ plain }) => plain('chat', 'app', 'wrong'),
  ),
  row(
    'no password',
    'PostgreSQL at … requires a password for the user "app", and DATABASE_URL has none. Write it as postgres://user:password@host/database.',
    ({ plain }) => plain('chat', 'app', ''),
  ),
  row(
    'a user that does not exist',
    'PostgreSQL at … rejects the password of the user "ap". Correct it in DATABASE_URL.',
    ({ plain }) => plain('chat', 'ap'),
  ),
  row(
    'a role that may not sign in',
    'PostgreSQL at … has no user "team" that is allowed to log in. Create it, or correct DATABASE_URL.',
    ({ plain }) => plain('chat', 'team'),
  ),
  row(
    'a database that does not exist',
    'The database "caht" does not exist at …. Create it (createdb caht), or correct DATABASE_URL.',
    ({ plain }) => plain('caht', 'app'),
  ),
  row(
    'a database that its user may not connect to',
    'The user "reader" of DATABASE_URL may not connect to the database "closed". Have its owner run: grant connect on database "closed" to "reader".',
    ({ plain }) => plain('closed', 'reader'),
  ),
  row(
    'a user that `pg_hba.conf` rejects',
    'PostgreSQL at … does not allow the user "stranger" to connect to the database "chat" from this machine. Allow it in pg_hba.conf or, if only TLS is allowed there, add sslmode=require to DATABASE_URL.',
    ({ plain }) => plain('chat', 'stranger'),
  ),
  row(
    'no TLS, and a server that accepts only TLS',
    'PostgreSQL at … does not allow the user "app" to connect to the database "chat" from this machine. Allow it in pg_hba.conf or, if only TLS is allowed there, add sslmode=require to DATABASE_URL.',
    ({ tls }) => tls('chat'),
  ),
  row('`sslmode=require`, and a server without TLS', noTls, ({ plain }) => `${plain('chat', 'app')}?sslmode=require`),
  row('`sslmode=require`, and a self-signed certificate', unverified, ({ tls }) => `${tls('chat')}?sslmode=require`),
  row(
    '`sslrootcert`, a file that does not exist',
    'The certificate file /nowhere/ca.pem that DATABASE_URL names cannot be read (ENOENT). Correct its path.',
    ({ tls }) => `${tls('chat')}?sslmode=verify-full&sslrootcert=/nowhere/ca.pem`,
  ),
  row(
    'a user that may not create tables (no superuser, schema `public` closed)',
    'The user "reader" of DATABASE_URL may not create tables in the database "chat". Have its owner run: grant create on database "chat" to "reader"; grant create, usage on schema "public" to "reader";',
    ({ plain }) => plain('chat', 'reader'),
  ),
  row(
    'tables that another user made',
    'The tables in the database "taken" belong to the user "maker", and "latecomer" of DATABASE_URL may not change them. Sign in as "maker", or have an administrator run: grant "maker" to "latecomer".',
    ({ plain }) => plain('taken', 'latecomer'),
  ),
  row(
    'a user without a connection left',
    'PostgreSQL at … has no connection left for the user "capped". Close some, allow more, or set a smaller DATABASE_POOL_SIZE for the processes that run.',
    ({ plain }) => plain('chat', 'capped'),
  ),
  row(
    'a server of 20 connections, and `DATABASE_POOL_SIZE=20`',
    'One process with DATABASE_POOL_SIZE=20 can need 22 connections, and PostgreSQL allows 17. Set DATABASE_POOL_SIZE=15, or allow more.',
    ({ plain }) => plain('chat', 'app'),
    { DATABASE_POOL_SIZE: '20' },
  ),
  row(
    'a database in Latin 1',
    'The database "latin" of DATABASE_URL has the encoding LATIN1; Pollux needs UTF8. Create one with: createdb --encoding=UTF8 --template=template0 NAME.',
    ({ plain }) => plain('latin', 'app'),
  ),
  row('a user whose sessions may only read', readOnly, ({ plain }) => plain('chat', 'readonly')),
  row('a replica', readOnly, ({ replica }) => replica('postgres')),
  row(
    'a server that shuts down or starts up',
    'PostgreSQL at …, the address in DATABASE_URL, is starting up, recovering or shutting down. Start again when it takes connections.',
    ({ stopping }) => stopping('postgres'),
  ),
];
