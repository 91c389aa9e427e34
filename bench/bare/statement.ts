/** Extracts the SQL from a store function, so that a bare program runs the same statement. */
import type { Connection, Statement } from '../../server/ports/database.ts';

export interface Query {
  readonly name: string;
  readonly text: string;
  readonly values: unknown[];
}

/** The statement and values that `call` runs first. The function gets no rows and must handle that. */
export async function queryOf(call: (db: Connection) => Promise<unknown>): Promise<Query> {
  let query: Query | null = null;
  await call({
    run: async <Row>({ name, text }: Statement<Row>, values: readonly unknown[]) => {
      query ??= { name, text, values: [...values] };
      return [];
    },
    execute: async () => [],
  });
  if (query === null) throw new Error('no statement was run');
  return query;
}
