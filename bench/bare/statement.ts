/** Extracts the SQL from a store function, so that a bare program runs the same statement. */
import type { Connection, Statement } from '../../server/ports/database.ts';

export interface Query {
  readonly name: string;
  readonly text: string;
  readonly values: unknown[];
}

/** Stand for the values that each request has in place of them. */
export const anyUser = -1;
export const anyRoom = -2;
export const anyContent = 'any content';

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

/** The values with those of a request in place of what stands for them. */
export function fill(values: readonly unknown[], request: ReadonlyMap<unknown, unknown>): unknown[] {
  return values.map((value) => (request.has(value) ? request.get(value) : value));
}
