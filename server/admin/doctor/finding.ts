/** What the doctor finds, and the checks that it makes. */
import type { Config } from '../../config/config.ts';
import type { Plans } from '../../config/catalog.ts';
import type { Database } from '../../ports/database.ts';
import type { Model } from '../../ports/model.ts';
import type { Payments } from '../../ports/payments.ts';
import type { RedisFacts } from '../../ports/redis-facts.ts';
import type { Storage } from '../../ports/storage.ts';

export interface Finding {
  /** `fault`: something does not work. `warning`: it works, but not for long, or not for everybody. */
  readonly state: 'ok' | 'warning' | 'fault';
  /** What was looked at, in a word or two. */
  readonly subject: string;
  /** What is the case, in a sentence. */
  readonly found: string;
  /** What to do about it, in a sentence; null if nothing. */
  readonly advice: string | null;
}

export interface DiskSpace {
  readonly freeBytes: number;
  readonly totalBytes: number;
}

export interface DoctorDeps {
  readonly config: Pick<
    Config,
    'catalog' | 'database' | 'dataDir' | 'frontendUrl' | 'production' | 'push' | 'sms' | 'stripe'
  >;
  readonly db: Database;
  /** Null while billing is not configured. */
  readonly payments: Payments | null;
  readonly storage: Storage;
  /** Those of the catalog, to ask their vendors about names. */
  readonly openModels: () => Promise<{ of(id: string): Model }>;
  readonly plans: Plans;
  /** Null without Redis. */
  readonly readRedis: (() => Promise<RedisFacts>) | null;
  readonly readDisk: (folder: string) => Promise<DiskSpace>;
  /** False for a command, beside which no server can run on an embedded database. */
  readonly isServer: boolean;
  /** The clock of this machine, in milliseconds since 1970. */
  readonly now: () => number;
}

/** Rejects if what it looks at does not answer, which the doctor reports as a fault. */
export interface Check {
  readonly subject: string;
  /** What to do if it does not answer. */
  readonly otherwise: string;
  run(deps: DoctorDeps): Promise<readonly Finding[]>;
}

export const ok = (subject: string, found: string): Finding => ({ state: 'ok', subject, found, advice: null });

export const warning = (subject: string, found: string, advice: string): Finding => ({
  state: 'warning',
  subject,
  found,
  advice,
});

export const fault = (subject: string, found: string, advice: string): Finding => ({
  state: 'fault',
  subject,
  found,
  advice,
});
