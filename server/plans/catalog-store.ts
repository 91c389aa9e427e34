/** SQL for the catalogs that have been in force; the newest one is. */
import type { Connection, Statement } from '../ports/database.ts';

export interface StoredCatalog {
  readonly id: number;
  readonly digest: string;
  /** The text of the file. */
  readonly content: string;
  readonly since: Date;
}

const lock: Statement<unknown> = {
  name: 'catalog_lock',
  text: `select pg_advisory_xact_lock(hashtext('pollux catalogs'))`,
};

/** Until the transaction ends, no other brings a catalog into force. */
export async function lockCatalogs(tx: Connection): Promise<void> {
  await tx.run(lock, []);
}

const newestId: Statement<{ id: number }> = {
  name: 'catalog_newest_id',
  text: `select id from catalogs order by id desc limit 1`,
};

/** The id of the catalog in force; null before the first. */
export async function readNewestCatalogId(db: Connection): Promise<number | null> {
  const [row] = await db.run(newestId, []);
  return row?.id ?? null;
}

const newest: Statement<StoredCatalog> = {
  name: 'catalog_newest',
  text: `select id, digest, content, since from catalogs order by id desc limit 1`,
};

export async function readNewestCatalog(db: Connection): Promise<StoredCatalog | null> {
  const [row] = await db.run(newest, []);
  return row ?? null;
}

const known: Statement<{ known: boolean }> = {
  name: 'catalog_known',
  text: `select exists (select from catalogs where digest = $1) as known`,
};

/** True if this text has been in force. */
export async function wasInForce(db: Connection, digest: string): Promise<boolean> {
  const [row] = await db.run(known, [digest]);
  return row!.known;
}

const add: Statement<{ id: number }> = {
  name: 'catalog_add',
  text: `insert into catalogs (digest, content) values ($1, $2) returning id`,
};

/** Brings a catalog into force once the transaction commits. Returns its id. */
export async function addCatalog(tx: Connection, digest: string, content: string): Promise<number> {
  const [row] = await tx.run(add, [digest, content]);
  return row!.id;
}
