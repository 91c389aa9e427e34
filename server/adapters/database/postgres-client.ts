/** Where PostgreSQL is and how it is connected to, so that whoever connects does it alike. */
import pg from 'pg';
import { StartRefused } from '../../config/start-refused.ts';

export type DatabaseSetting = 'DATABASE_URL' | 'DATABASE_DIRECT_URL';

/** An address, and the setting that it stands in. */
export interface PostgresAddress {
  readonly setting: DatabaseSetting;
  readonly url: string;
}

/** Where sessions of our own are had: for locks, migrations and whatever listens. */
export function ownAddress(url: string, directUrl: string | null): PostgresAddress {
  return directUrl === null ? { setting: 'DATABASE_URL', url } : { setting: 'DATABASE_DIRECT_URL', url: directUrl };
}

/** The URL as `pg` takes it without a page of warnings: it verifies certificates in these modes, and says so. */
export function connectionString({ url }: PostgresAddress): string {
  if (/[?&]uselibpqcompat=true/.test(url)) return url;
  return url.replace(/([?&]sslmode=)(prefer|require|verify-ca)\b/, '$1verify-full');
}

/** A single connection, not connected yet. Throws `StartRefused` when a file that the URL names cannot be read. */
export function newClient(address: PostgresAddress, options: pg.ClientConfig): pg.Client {
  try {
    const client = new pg.Client({ ...options, connectionString: connectionString(address) });
    // Without a listener the end of an idle connection would end the process.
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
