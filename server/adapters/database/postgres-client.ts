/** Addresses of PostgreSQL and how to connect to them. */
import pg from 'pg';
import { StartRefused } from '../../config/start-refused.ts';

/** Where an address was given: a setting, or the operator's command. */
export type DatabaseSetting = 'DATABASE_URL' | 'DATABASE_DIRECT_URL' | 'copy-to';

/** An address and the setting that holds it. */
export interface PostgresAddress {
  readonly setting: DatabaseSetting;
  readonly url: string;
}

/** The address for sessions that are not pooled: locks and migrations. */
export function ownAddress(url: string, directUrl: string | null): PostgresAddress {
  return directUrl === null ? { setting: 'DATABASE_URL', url } : { setting: 'DATABASE_DIRECT_URL', url: directUrl };
}

/** Avoids a long warning of `pg`, which verifies certificates in these modes too. */
export function connectionString({ url }: PostgresAddress): string {
  if (/[?&]uselibpqcompat=true/.test(url)) return url;
  return url.replace(/([?&]sslmode=)(prefer|require|verify-ca)\b/, '$1verify-full');
}

/** A client that is not connected yet. Throws `StartRefused` if a file named in the URL cannot be read. */
export function newClient(address: PostgresAddress, options: pg.ClientConfig): pg.Client {
  try {
    const client = new pg.Client({ ...options, connectionString: connectionString(address) });
    // Without a listener an idle connection that is lost would end the process.
    client.on('error', () => {});
    return client;
  } catch (error) {
    const { code, path } = error as NodeJS.ErrnoException;
    if (path === undefined) throw error;
    throw new StartRefused(
      `The certificate file ${path} that ${address.setting} names cannot be read (${code}). Correct its path.`,
      { cause: error },
    );
  }
}
