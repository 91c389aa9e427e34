/** Wrong settings of Redis: every row against a real server, restricted like managed servers. */
import type { Environment } from '../harness.ts';
import type { WrongSetting } from './wrong-settings.ts';

/** Ports of this machine that the rows point to. */
export interface RedisPorts {
  /** No password, 16 databases. */
  readonly open: number;
  /** Requires the password `right`. The user `limited` may only read, `quiet` may use no channel. */
  readonly guarded: number;
  /** Accepts only TLS, with a self-signed certificate. */
  readonly tls: number;
  readonly cluster: number;
  readonly sentinel: number;
  readonly replica: number;
  /** Without the command INFO. */
  readonly mute: number;
  /** Restricted like the strictest managed servers: no CONFIG, `allkeys-lru`, a user of its own (`app`, password `right`). */
  readonly restricted: number;
  /** A web server. */
  readonly web: number;
}

export interface WrongRedis extends WrongSetting {
  readonly environment: (ports: RedisPorts) => Environment;
}

function row(given: string, sentence: string, url: (ports: RedisPorts) => string): WrongRedis {
  return { setting: 'REDIS_URL', given, sentence, environment: (ports) => ({ REDIS_URL: url(ports) }) };
}

function part(
  setting: string,
  given: string,
  sentence: string,
  parts: (ports: RedisPorts) => Record<string, number | string>,
): WrongRedis {
  const environment = (ports: RedisPorts) => ({
    REDIS_HOST: '127.0.0.1',
    ...Object.fromEntries(Object.entries(parts(ports)).map(([name, value]) => [name, String(value)])),
  });
  return { setting, given, sentence, environment };
}

const wrongPassword =
  'Redis at 127.0.0.1:… rejects the user or password of REDIS_URL. Correct it. Write a password without a user as redis://:password@host.';

export const wrongRedis: readonly WrongRedis[] = [
  row(
    'a host that does not exist',
    'REDIS_URL names the host "cache.invalid", which DNS does not resolve. Correct it.',
    () => 'redis://cache.invalid',
  ),
  part(
    'REDIS_HOST',
    'a host that does not exist',
    'REDIS_HOST names the host "cache.invalid", which DNS does not resolve. Correct it.',
    () => ({ REDIS_HOST: 'cache.invalid' }),
  ),
  row(
    'the port of a web server',
    'The server at 127.0.0.1:… is not Redis. Correct REDIS_URL.',
    ({ web }) => `redis://127.0.0.1:${web}`,
  ),
  row(
    'a database number that does not exist',
    'Redis at 127.0.0.1:… has no database 16. Set a smaller number in REDIS_URL; most hosted servers have only 0.',
    ({ open }) => `redis://127.0.0.1:${open}/16`,
  ),
  part(
    'REDIS_DB',
    'a database number that does not exist',
    'Redis at 127.0.0.1:… has no database 99. Set a smaller number in REDIS_DB; most hosted servers have only 0.',
    ({ open }) => ({ REDIS_PORT: open, REDIS_DB: 99 }),
  ),
  row(
    'no password, and a server that requires one',
    'Redis at 127.0.0.1:… requires a password, and REDIS_URL has none. Write it as redis://:password@host:port.',
    ({ guarded }) => `redis://127.0.0.1:${guarded}`,
  ),
  part(
    'REDIS_PASSWORD',
    'nothing, and a server that requires one',
    'Redis at 127.0.0.1:… requires a password, and REDIS_PASSWORD has none. Set it.',
    ({ guarded }) => ({ REDIS_PORT: guarded }),
  ),
  row('a wrong password', wrongPassword, ({ guarded }) => `redis://:wrong@127.0.0.1:${guarded}`),
  row(
    'the password in the place of the user name',
    wrongPassword,
    ({ guarded }) => `redis://right@127.0.0.1:${guarded}`,
  ),
  part(
    'REDIS_PASSWORD',
    'a wrong password',
    'Redis at 127.0.0.1:… rejects the user or password of REDIS_PASSWORD. Correct it.',
    ({ guarded }) => ({ REDIS_PORT: guarded, REDIS_PASSWORD: 'wrong' }),
  ),
  row(
    'a user that may not write (`NOPERM`)',
    'Redis at 127.0.0.1:… does not allow the user "limited" all commands that Pollux needs (…). Allow it there: ACL SETUSER limited ~…:* &…:* +@all -@dangerous +info.',
    ({ guarded }) => `redis://limited:right@127.0.0.1:${guarded}`,
  ),
  row(
    'a user that may not use its channels',
    'Redis at 127.0.0.1:… does not allow the user "quiet" all commands that Pollux needs (…channel…). Allow it there: ACL SETUSER quiet ~…:* &…:* +@all -@dangerous +info.',
    ({ guarded }) => `redis://quiet:right@127.0.0.1:${guarded}`,
  ),
  row(
    'a server without the command INFO',
    `Redis at 127.0.0.1:… does not allow the user "default" all commands that Pollux needs (unknown command 'info'). Allow it there: ACL SETUSER default ~…:* &…:* +@all -@dangerous +info.`,
    ({ mute }) => `redis://127.0.0.1:${mute}`,
  ),
  row(
    '`rediss://`, and a server without TLS',
    'Redis at 127.0.0.1:… does not support TLS. Begin REDIS_URL with redis://, or enable TLS there.',
    ({ guarded }) => `rediss://:right@127.0.0.1:${guarded}`,
  ),
  part(
    'REDIS_SSL',
    '`true`, and a server without TLS',
    'Redis at 127.0.0.1:… does not support TLS. Set REDIS_SSL=false, or enable TLS there.',
    ({ open }) => ({ REDIS_PORT: open, REDIS_SSL: 'true' }),
  ),
  row(
    '`redis://`, and a server that accepts only TLS',
    'Redis at 127.0.0.1:… accepts only TLS. Begin REDIS_URL with rediss://.',
    ({ tls }) => `redis://127.0.0.1:${tls}`,
  ),
  part(
    'REDIS_SSL',
    'nothing, and a server that accepts only TLS',
    'Redis at 127.0.0.1:… accepts only TLS. Set REDIS_SSL=true.',
    ({ tls }) => ({ REDIS_PORT: tls }),
  ),
  row(
    'a self-signed certificate',
    'The certificate of Redis at 127.0.0.1:… cannot be verified (DEPTH_ZERO_SELF_SIGNED_CERT). Set NODE_EXTRA_CA_CERTS to the certificate file of its authority, or correct REDIS_URL.',
    ({ tls }) => `rediss://127.0.0.1:${tls}`,
  ),
  row(
    'a Redis Cluster',
    'Redis at 127.0.0.1:… runs in cluster mode, which distributes keys; Pollux needs them on one server. Set REDIS_URL to a single server; it may have replicas.',
    ({ cluster }) => `redis://127.0.0.1:${cluster}`,
  ),
  row(
    'a Sentinel',
    'Redis at 127.0.0.1:… is a Sentinel. Set REDIS_URL to the address of the primary.',
    ({ sentinel }) => `redis://127.0.0.1:${sentinel}`,
  ),
  row(
    'a replica',
    'Redis at 127.0.0.1:… is a replica, which takes no writes. Set REDIS_URL to the address of the primary.',
    ({ replica }) => `redis://127.0.0.1:${replica}`,
  ),
];

/** Settings with which it starts and logs a warning. */
export const doubtfulRedis: readonly WrongRedis[] = [
  row(
    'a port that nothing listens on',
    'Redis at 127.0.0.1:… does not answer (ECONNREFUSED). Pollux starts and keeps trying to connect; until then nobody can sign in. Start Redis there, or correct REDIS_URL.',
    () => 'redis://127.0.0.1:1',
  ),
  row(
    'an eviction policy that drops keys',
    'Redis at 127.0.0.1:… evicts keys when it is full (maxmemory-policy allkeys-lru): limits on codes and live events may be lost. Set it to noeviction or, if that is not possible, give Redis more memory than is ever used.',
    ({ restricted }) => `redis://app:right@127.0.0.1:${restricted}`,
  ),
];
