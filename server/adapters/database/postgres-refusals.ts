/** Explains errors of `pg` and PostgreSQL at start, in a sentence for the operator. */
import type pg from 'pg';
import { StartRefused } from '../../config/start-refused.ts';
import type { DatabaseSetting } from './postgres-client.ts';

/** The parts of an address that may be shown: all but the password. */
interface Target {
  readonly setting: DatabaseSetting;
  /** Host and port. */
  readonly at: string;
  readonly host: string;
  readonly user: string;
  readonly database: string;
}

type Explain = (target: Target, code: string) => string;

const unknownHost: Explain = ({ setting, host }) =>
  `${setting} names the host "${host}", which DNS does not resolve. Correct it.`;
const silent: Explain = ({ setting, at }) =>
  `PostgreSQL at ${at} does not answer. Open the firewall for this machine, or correct the host and port of ${setting}.`;
const notReady: Explain = ({ setting, at }) =>
  `PostgreSQL at ${at}, the address in ${setting}, is starting up, recovering or shutting down. Start again when it takes connections.`;
const unverified: Explain = ({ setting, at }, code) =>
  `The certificate of PostgreSQL at ${at} cannot be verified (${code}). Add sslmode=verify-full&sslrootcert=FILE with the certificate file of its authority to ${setting} or, on a network you trust, sslmode=no-verify.`;

/** By the code of an error of Node, or the SQLSTATE (PostgreSQL, appendix A). */
const byCode: Readonly<Record<string, Explain>> = {
  ENOTFOUND: unknownHost,
  EAI_AGAIN: unknownHost,
  ECONNREFUSED: ({ setting, at }) =>
    `Nothing listens at ${at}, the address in ${setting}. Start PostgreSQL there, or correct host and port.`,
  ENOENT: ({ setting, host }) =>
    `There is no socket of PostgreSQL in ${host}, the address in ${setting}. Start PostgreSQL, or correct the folder.`,
  ETIMEDOUT: silent,
  EHOSTUNREACH: silent,
  ENETUNREACH: silent,
  '28P01': ({ setting, at, user }) =>
    `PostgreSQL at ${at} rejects the password of the user "${user}". Correct it in ${setting}.`,
  '3D000': ({ setting, at, database }) =>
    `The database "${database}" does not exist at ${at}. Create it (createdb ${database}), or correct ${setting}.`,
  '42501': ({ setting, user, database }) =>
    `The user "${user}" of ${setting} may not connect to the database "${database}". Have its owner run: grant connect on database "${database}" to "${user}".`,
  '53300': ({ at, user }) =>
    `PostgreSQL at ${at} has no connection left for the user "${user}". Close some, allow more, or set a smaller DATABASE_POOL_SIZE for the processes that run.`,
  '57P01': notReady,
  '57P02': notReady,
  '57P03': notReady,
  SELF_SIGNED_CERT_IN_CHAIN: unverified,
  DEPTH_ZERO_SELF_SIGNED_CERT: unverified,
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: unverified,
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: unverified,
  CERT_HAS_EXPIRED: unverified,
  ERR_TLS_CERT_ALTNAME_INVALID: unverified,
};

/** By message: errors of `pg`, which have no code and are not localized. */
const byMessage: readonly (readonly [RegExp, Explain])[] = [
  [/timeout/i, silent],
  [
    /does not support SSL/,
    ({ setting, at }) =>
      `PostgreSQL at ${at} does not support TLS, which ${setting} requires. Enable it there or, on a network you trust, remove sslmode from ${setting}.`,
  ],
  [
    /password must be a/,
    ({ setting, at, user }) =>
      `PostgreSQL at ${at} requires a password for the user "${user}", and ${setting} has none. Write it as postgres://user:password@host/database.`,
  ],
  [
    /terminated unexpectedly|establishing an SSL connection|received invalid response|unknown message code/i,
    ({ setting, at }) => `The server at ${at} is not PostgreSQL. Correct the host and port of ${setting}.`,
  ],
];

/** A rule of pg_hba.conf; only the reporting function's name distinguishes it from an unknown user. */
const byRules: Explain = ({ setting, at, user, database }) =>
  `PostgreSQL at ${at} does not allow the user "${user}" to connect to the database "${database}" from this machine. Allow it in pg_hba.conf or, if only TLS is allowed there, add sslmode=require to ${setting}.`;
const unknownUser: Explain = ({ setting, at, user }) =>
  `PostgreSQL at ${at} has no user "${user}" that is allowed to log in. Create it, or correct ${setting}.`;

/** The refusal for a failed connection; quotes the vendor's message only if the error is unknown. */
export function connectionRefusal(error: Error, setting: DatabaseSetting, client: pg.Client): StartRefused {
  const { host, port, user = '', database = '' } = client;
  const target = { setting, host, user, database, at: host.startsWith('/') ? host : `${host}:${port}` };
  return new StartRefused(explain(error as pg.DatabaseError, target), { cause: error });
}

function explain(error: Partial<pg.DatabaseError> & Error, target: Target): string {
  const { code = '', routine } = error;
  if (code === '28000') return routine === 'ClientAuthentication' ? byRules(target, code) : unknownUser(target, code);
  const found = byCode[code] ?? byMessage.find(([words]) => code === '' && words.test(error.message))?.[1];
  const words = error.message.trim().split('\n')[0];
  return (
    found?.(target, code) ??
    `The database at ${target.at}, the address in ${target.setting}, refuses the connection: ${words} (${code || 'no code'}).`
  );
}
