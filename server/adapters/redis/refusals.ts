/** Explains errors of ioredis and Redis at start, in a sentence for the operator. */
import { StartRefused } from '../../config/start-refused.ts';
import type { RedisSettings } from './connection.ts';

/** The setting that holds each part. */
export function namesOf({ inParts }: RedisSettings) {
  return inParts
    ? { address: 'REDIS_HOST and REDIS_PORT', password: 'REDIS_PASSWORD', database: 'REDIS_DB', tls: 'REDIS_SSL' }
    : { address: 'REDIS_URL', password: 'REDIS_URL', database: 'REDIS_URL', tls: 'REDIS_URL' };
}

export function placeOf({ host, port }: RedisSettings): string {
  return `${host.includes(':') ? `[${host}]` : host}:${port}`;
}

type Explain = (settings: RedisSettings, words: string) => string;

const unknownHost: Explain = (settings) =>
  `${settings.inParts ? 'REDIS_HOST' : 'REDIS_URL'} names the host "${settings.host}", which DNS does not resolve. Correct it.`;
const wrongPassword: Explain = (settings) => {
  const shape = settings.inParts ? '' : ' Write a password without a user as redis://:password@host.';
  return `Redis at ${placeOf(settings)} rejects the user or password of ${namesOf(settings).password}. Correct it.${shape}`;
};
const noPassword: Explain = (settings) => {
  const remedy = settings.inParts ? 'Set it' : 'Write it as redis://:password@host:port';
  return `Redis at ${placeOf(settings)} requires a password, and ${namesOf(settings).password} has none. ${remedy}.`;
};
const noDatabase: Explain = (settings) =>
  `Redis at ${placeOf(settings)} has no database ${settings.db}. Set a smaller number in ${namesOf(settings).database}; most hosted servers have only 0.`;
const unverified: Explain = (settings, words) =>
  `The certificate of Redis at ${placeOf(settings)} cannot be verified (${words}). Set NODE_EXTRA_CA_CERTS to the certificate file of its authority, or correct ${namesOf(settings).address}.`;
const forbidden: Explain = (settings, words) => {
  const user = settings.username ?? 'default';
  const rule = `ACL SETUSER ${user} ~${settings.prefix}:* &${settings.prefix}:* +@all -@dangerous +info`;
  return `Redis at ${placeOf(settings)} does not allow the user "${user}" all commands that Pollux needs (${words}). Allow it there: ${rule}.`;
};

const refusals: readonly (readonly [RegExp, Explain])[] = [
  [/^(ENOTFOUND|EAI_AGAIN)\b/, unknownHost],
  [/^WRONGPASS\b/, wrongPassword],
  [/^NOAUTH\b/, noPassword],
  [/^ERR DB index is out of range/, noDatabase],
  [/^(\w*SELF_SIGNED\w*|UNABLE_TO_\w+|CERT_\w+|ERR_TLS_CERT_\w+)$/, unverified],
  [/^NOPERM\b|^ERR unknown command/, forbidden],
];

/** The refusal for a failed connection or command; null if the error may be temporary. */
export function redisRefusal(error: Error, settings: RedisSettings): StartRefused | null {
  const code = 'code' in error && typeof error.code === 'string' ? error.code : null;
  const words = code ?? error.message;
  const explain = refusals.find(([pattern]) => pattern.test(words))?.[1];
  if (explain === undefined) return null;
  const shown = words.replace(/^NOPERM |^ERR /, '').replace(/,.*/s, '');
  return new StartRefused(explain(settings, shown), { cause: error });
}

export function notRedis(settings: RedisSettings): StartRefused {
  return new StartRefused(`The server at ${placeOf(settings)} is not Redis. Correct ${namesOf(settings).address}.`);
}

/** The settings and the server disagree about TLS. */
export function wrongTransport(settings: RedisSettings): StartRefused {
  const { tls, inParts } = settings;
  const fact = tls ? 'does not support TLS' : 'accepts only TLS';
  const remedy = inParts ? `Set REDIS_SSL=${!tls}` : `Begin REDIS_URL with ${tls ? 'redis' : 'rediss'}://`;
  return new StartRefused(`Redis at ${placeOf(settings)} ${fact}. ${remedy}${tls ? ', or enable TLS there' : ''}.`);
}
