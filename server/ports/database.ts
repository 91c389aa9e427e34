/** The database: named statements, transactions handed down explicitly. Drizzle is for tables and migrations. */

/** A statement that is prepared once for each connection. Names are unique in the program. */
export interface Statement<Row> {
  readonly name: string;
  readonly text: string;
  /** The row type; never set. */
  readonly row?: Row;
}

/** Runs queries: the pool, or one transaction. */
export interface Connection {
  /** Runs a prepared statement. Returns `int8` as number, `timestamptz` as Date, `date` as `YYYY-MM-DD`. */
  run<Row>(statement: Statement<Row>, values: readonly unknown[]): Promise<Row[]>;
  /**
   * Runs SQL that a library made, unprepared. Without values it may be several statements with a transaction of their
   * own, whose rows come together; what fails leaves no transaction open.
   */
  execute<Row>(text: string, values: readonly unknown[]): Promise<Row[]>;
}

export interface Database extends Connection, AsyncDisposable {
  /**
   * Runs `work` in one transaction, which is rolled back when it throws. `work` must use the given connection only: the
   * embedded database has a single connection, so anything else deadlocks.
   */
  transaction<T>(work: (tx: Connection) => Promise<T>): Promise<T>;
  /** Rejects when the database does not answer. */
  check(): Promise<void>;
}

/** The database is unavailable or shutting down. Whether the last statement took effect is unknown. */
export class DatabaseUnavailable extends Error {
  override readonly name = 'DatabaseUnavailable';
}
