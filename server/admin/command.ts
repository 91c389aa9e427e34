/** A command of the operator's command line, and its dependencies. */
import type { Endpoint } from '../../contract/endpoint.ts';
import type { Keys } from '../accounts/keys.ts';
import type { SettingInForce } from '../config/in-force.ts';
import type { ParsedCatalog } from '../config/parse-catalog.ts';
import type { Database } from '../ports/database.ts';
import type { Finding } from './doctor/finding.ts';
import type { Storage } from '../ports/storage.ts';
import type { PaymentDeps } from './plan-of-payment.ts';

export interface AdminDeps extends PaymentDeps {
  readonly keys: Pick<Keys, 'keyedHash'>;
  readonly settingsInForce: readonly SettingInForce[];
  readonly examine: () => Promise<Finding[]>;
  /** Opens a PostgreSQL to copy into. Throws `StartRefused`, also unless the database is embedded. */
  readonly openCopy: (url: string) => Promise<Database>;
  readonly catalogFile: ParsedCatalog['catalogFile'];
  /** Servers follow the catalog that is stored in this database. */
  readonly isFollowed: boolean;
  readonly backups: BackupParts;
}

/** What backups hold beside the database, and how a restore keeps servers away. */
export interface BackupParts {
  /** Null for files in S3. */
  readonly folder: Storage | null;
  /** The generated secret of a development folder; null if SECRET_KEY is set. */
  readonly secret: string | null;
  /** Replaces the generated secret; does nothing if SECRET_KEY is set. */
  readonly keepSecret: (secret: string) => void;
  /** No server runs on the database, or starts, until it is disposed. Throws `StartRefused`. */
  readonly alone: () => Promise<AsyncDisposable>;
}

/** What a command knows beside a server that has the embedded database. */
export interface BesideServer {
  readonly dataDir: string;
  readonly catalogFile: ParsedCatalog['catalogFile'];
}

export interface Command {
  readonly usage: string;
  readonly about: string;
  /** Those that do the same over HTTP; none if it cannot be done there. */
  readonly operations: readonly Endpoint[];
  run(deps: AdminDeps, args: readonly string[], options: CommandOptions): Promise<string[]>;
  /** What it does beside a server that has the embedded database; without it the command is refused there. */
  besideServer?(deps: BesideServer): Promise<string[]>;
}

export interface CommandOptions {
  readonly limit: number;
  readonly customer: string | null;
  /** What cannot be undone is only done with it. */
  readonly yes: boolean;
}

/** The command has done its work, and what it found is wrong: the lines are printed, and the exit code is 1. */
export class FoundFaults extends Error {
  override readonly name = 'FoundFaults';
  readonly lines: readonly string[];

  constructor(lines: readonly string[]) {
    super('faults were found');
    this.lines = lines;
  }
}
