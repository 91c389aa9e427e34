/** Database and Redis settings: embedded or PostgreSQL, in-process or Redis. */
import { isIP } from 'node:net';
import path from 'node:path';
import type { Reader } from './reader.ts';

export type DatabaseConfig =
  | { readonly kind: 'embedded'; readonly directory: string }
  | {
      readonly kind: 'postgres';
      readonly url: string;
      /** Set when `url` goes through a pooler in transaction mode. */
      readonly directUrl: string | null;
      readonly poolSize: number;
    };

export interface RedisConfig {
  readonly host: string;
  readonly port: number;
  readonly username: string | null;
  readonly password: string | null;
  readonly db: number;
  readonly tls: boolean;
  /** True when set by REDIS_HOST and its companions instead of REDIS_URL. */
  readonly inParts: boolean;
  readonly prefix: string;
}

/** PostgreSQL when `DATABASE_URL` is set, a folder in `dataDir` otherwise. */
export function parseDatabase(read: Reader, dataDir: string): DatabaseConfig {
  const url = readDatabaseUrl(read, 'DATABASE_URL');
  const directUrl = readDatabaseUrl(read, 'DATABASE_DIRECT_URL');
  const poolSize = read.integer('DATABASE_POOL_SIZE', 1, 1000);
  if (url !== null) return { kind: 'postgres', url, directUrl, poolSize };
  if (directUrl !== null) {
    read.complain('DATABASE_DIRECT_URL goes with a pooler in DATABASE_URL; set both, or DATABASE_URL alone.');
  }
  return { kind: 'embedded', directory: path.join(dataDir, 'pglite') };
}

const tlsModes = ['disable', 'no-verify', 'prefer', 'require', 'verify-ca', 'verify-full'];

function readDatabaseUrl(read: Reader, name: 'DATABASE_URL' | 'DATABASE_DIRECT_URL'): string | null {
  const url = read.url(name, ['postgres:', 'postgresql:']);
  const mode = url === null ? null : new URL(url).searchParams.get('sslmode');
  if (mode !== null && !tlsModes.includes(mode)) {
    read.complain(`${name} must have one of ${tlsModes.join(', ')} as its sslmode; it is "${mode}".`);
  }
  return url;
}

/** Null when neither `REDIS_URL` nor `REDIS_HOST` is set. */
export function parseRedis(read: Reader): RedisConfig | null {
  const url = read.url('REDIS_URL', ['redis:', 'rediss:']);
  const host = read.text('REDIS_HOST');
  const prefix = read.string('REDIS_PREFIX');
  const port = read.integer('REDIS_PORT', 1, 65_535);
  const db = read.integer('REDIS_DB', 0, 1_000_000);
  const tls = read.flag('REDIS_SSL') ?? false;
  const password = read.text('REDIS_PASSWORD');
  if (!/^[\w:.-]{1,64}$/.test(prefix)) {
    read.complain('REDIS_PREFIX must be 1 to 64 letters, digits or any of _ : . -');
  }
  if (url !== null && host !== null) {
    read.complain('REDIS_URL and REDIS_HOST are both set; keep one of them.');
    return null;
  }
  if (url !== null) return redisFromUrl(read, new URL(url), prefix);
  if (host !== null && /[:/@]/.test(host) && isIP(host) === 0) {
    read.complain('REDIS_HOST must be a host alone; the port goes to REDIS_PORT, a whole URL to REDIS_URL.');
  }
  if (host !== null) return { host, port, username: null, password, db, tls, inParts: true, prefix };
  if (password !== null || tls)
    read.complain('REDIS_PASSWORD and REDIS_SSL do nothing without REDIS_HOST; set REDIS_HOST or remove them.');
  return null;
}

function redisFromUrl(read: Reader, url: URL, prefix: string): RedisConfig {
  const db = url.pathname.replace(/^\//, '') || '0';
  if (url.hostname === '') read.complain('REDIS_URL must name a host, such as redis://127.0.0.1:6379.');
  if (!/^\d{1,6}$/.test(db)) read.complain('REDIS_URL must end in a database number, such as redis://host:6379/0.');
  return {
    host: url.hostname.replace(/^\[|\]$/g, ''),
    port: Number(url.port || 6379),
    username: decode(read, url.username),
    password: decode(read, url.password),
    db: Number(db),
    tls: url.protocol === 'rediss:',
    inParts: false,
    prefix,
  };
}

function decode(read: Reader, part: string): string | null {
  try {
    return decodeURIComponent(part) || null;
  } catch {
    read.complain('REDIS_URL must have a % of its user name or password written as %25.');
    return null;
  }
}
