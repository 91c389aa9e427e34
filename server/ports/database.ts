/** The database: Drizzle for ordinary queries, named statements for hot ones, transactions handed down explicitly. */
import type { PgDatabase, PgQueryResultHKT } from 'drizzle-orm/pg-core';

/** Drizzle's query builder, whatever driver is underneath. */
export type Orm = PgDatabase<PgQueryResultHKT>;

/** SQL that is prepared once a connection. Names are unique in the program. */
export interface Statement<Row> {
  readonly name: string;
  readonly text: string;
  /** Carries the row type; never set. */
  readonly row?: Row;
}

/** Where queries run: the pool, or one transaction. */
export interface Connection {
  readonly orm: Orm;
  /** Runs a prepared statement. `int8` comes as number, `timestamptz` as Date, `date` as `YYYY-MM-DD`. */
  run<Row>(statement: Statement<Row>, values: readonly unknown[]): Promise<Row[]>;
}

export interface Database extends Connection, AsyncDisposable {
  /**
   * Runs `work` in one transaction; rolled back when it throws. Inside, only the handed connection may be used:
   * the embedded database has a single connection and would wait for itself.
   */
  transaction<T>(work: (tx: Connection) => Promise<T>): Promise<T>;
  /** Rejects when the database does not answer. */
  check(): Promise<void>;
}

/** The database cannot be reached or is shutting down; whether the last statement took effect is unknown. */
export class DatabaseUnavailable extends Error {
  override readonly name = 'DatabaseUnavailable';
}
