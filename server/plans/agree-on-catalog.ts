/** How processes on one database agree on a catalog: the one in force is stored there, and every process follows it. */
import { hash } from 'node:crypto';
import type { Logger } from 'pino';
import { addAudit, commandLine } from '../audit/store.ts';
import type { Catalog } from '../config/catalog.ts';
import type { CatalogFile, ParsedCatalog } from '../config/parse-catalog.ts';
import { StartRefused } from '../config/start-refused.ts';
import type { Connection, Database } from '../ports/database.ts';
import { addCatalog, lockCatalogs, readNewestCatalog, readNewestCatalogId, wasInForce } from './catalog-store.ts';
import { refuseHeldPlans } from './held-plans.ts';

const digestOf = (text: string) => hash('sha256', text);

export interface Agreed {
  readonly id: number;
  readonly catalog: Catalog;
}

/**
 * The catalog that a process starts with. Its file comes into force for all, unless it was in force before and has not been changed
 * since the present one came: then it is an old copy. Throws `StartRefused` for a catalog without a plan that an account holds.
 */
export async function agreeOnCatalog(db: Database, file: CatalogFile, log: Logger): Promise<Agreed> {
  const digest = digestOf(file.text);
  return db.transaction(async (tx) => {
    await lockCatalogs(tx);
    const stored = await readNewestCatalog(tx);
    if (stored?.digest === digest) {
      await refuseHeldPlans(tx, file.catalog);
      return { id: stored.id, catalog: file.catalog };
    }
    const isOld = stored !== null && file.changedAt <= stored.since && (await wasInForce(tx, digest));
    if (!isOld) return { id: await bringIntoForce(tx, file, digest), catalog: file.catalog };
    log.warn('CATALOG is older than the catalog in force, which is used; to go back, run catalog reload');
    return { id: stored.id, catalog: file.parse(stored.content) };
  });
}

/** Brings the file into force for all processes; false if it is already. Throws like `agreeOnCatalog`. */
export async function reloadCatalog(db: Database, file: CatalogFile): Promise<boolean> {
  const digest = digestOf(file.text);
  return db.transaction(async (tx) => {
    await lockCatalogs(tx);
    if ((await readNewestCatalog(tx))?.digest === digest) return false;
    await bringIntoForce(tx, file, digest);
    await auditReload(tx, file.text);
    return true;
  });
}

async function bringIntoForce(tx: Connection, { text, catalog }: CatalogFile, digest: string): Promise<number> {
  await refuseHeldPlans(tx, catalog);
  return addCatalog(tx, digest, text);
}

async function auditReload(tx: Connection, text: string): Promise<void> {
  await addAudit(tx, commandLine, { action: 'catalog_reloaded', userId: null, details: { sha256: digestOf(text) } });
}

/** The catalog in force; the process's own while there is none, or if it cannot be used here. */
export async function readCatalogInForce(db: Connection, { catalog, catalogFile }: ParsedCatalog): Promise<Catalog> {
  const stored = catalogFile === null ? null : await readNewestCatalog(db);
  if (catalogFile === null || stored === null || stored.digest === digestOf(catalogFile.text)) return catalog;
  try {
    return catalogFile.parse(stored.content);
  } catch (error) {
    if (error instanceof StartRefused) return catalog;
    throw error;
  }
}

export interface Reloading {
  readonly db: Database;
  readonly log: Logger;
  /** Throws `StartRefused`. Null for a process with the built-in catalog, which stays. */
  readonly parse: CatalogFile['parse'] | null;
  readonly takeUp: (catalog: Catalog) => Promise<void>;
}

/** Takes up a catalog where no other process has to. Throws `StartRefused` if it cannot come into force. */
export async function takeUpAlone({ db, log, parse, takeUp }: Reloading, text: string): Promise<void> {
  if (parse === null) throw new StartRefused('The server runs without CATALOG. Start it again with this one.');
  const catalog = parse(text);
  await db.transaction(async (tx) => {
    await refuseHeldPlans(tx, catalog);
    await auditReload(tx, text);
  });
  await takeUp(catalog);
  log.info('took up a catalog');
}

export interface Follower {
  /** Takes up the catalog in force if it is another one. */
  check(): Promise<void>;
  /** The catalog in force cannot be used here, such as for a key that is not set: an earlier one is. */
  readonly isBehind: () => boolean;
}

/** Follows from the catalog `id`. */
export function followCatalog({ db, log, parse, takeUp }: Reloading, id: number): Follower {
  let current = id;
  let refused: number | null = null;

  async function take(read: CatalogFile['parse']): Promise<void> {
    const stored = await readNewestCatalog(db);
    if (stored === null) return;
    try {
      await takeUp(read(stored.content));
    } catch (error) {
      if (!(error instanceof StartRefused)) throw error;
      refused = stored.id;
      log.error(
        { catalog: stored.id, reason: error.message },
        'cannot use the catalog in force; an earlier one is used',
      );
      return;
    }
    current = stored.id;
    refused = null;
    log.info({ catalog: current }, 'took up a catalog');
  }

  return {
    async check() {
      if (parse === null) return;
      const newest = await readNewestCatalogId(db);
      if (newest !== null && newest !== current && newest !== refused) await take(parse);
    },
    isBehind: () => refused !== null,
  };
}
