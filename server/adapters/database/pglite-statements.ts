/** Named prepared statements over PGlite's wire protocol; its `query` parses and plans the text at every call. */
import { messages, type PGlite } from '@electric-sql/pglite';
import { serialize } from 'pg-protocol';
import type { Statement } from '../../ports/database.ts';

interface Column {
  readonly name: string;
  readonly parse: (text: string) => unknown;
}

interface Prepared {
  /** One per parameter. */
  readonly serializers: readonly ((value: unknown) => string)[];
  readonly columns: readonly Column[];
}

export type RunStatement = <Row>(statement: Statement<Row>, values: readonly unknown[]) => Promise<Row[]>;

/**
 * Runs statements on a client, prepared at their first call. Bypasses the client's lock between queries and transactions: the
 * caller must provide its own.
 */
export function preparedStatements(client: PGlite): RunStatement {
  const known = new Map<string, Prepared>();

  async function prepare({ name, text }: Statement<unknown>): Promise<Prepared> {
    const answers = await exchange(serialize.parse({ name, text }), serialize.describe({ type: 'S', name }));
    const parameters = answers.find((answer) => answer instanceof messages.ParameterDescriptionMessage);
    const row = answers.find((answer) => answer instanceof messages.RowDescriptionMessage);
    const prepared: Prepared = {
      serializers: (parameters?.dataTypeIDs ?? []).map((type) => client.serializers[type] ?? String),
      columns: (row?.fields ?? []).map(({ name: column, dataTypeID: type }) => {
        const parse = client.parsers[type];
        return { name: column, parse: parse === undefined ? (value) => value : (value) => parse(value, type) };
      }),
    };
    // PostgreSQL keeps an unnamed statement only until the next one.
    if (name !== '') known.set(name, prepared);
    return prepared;
  }

  /** One packet that ends with Sync, so that an error does not affect the next. */
  function exchange(...parts: readonly Buffer[]): Promise<messages.BackendMessage[]> {
    return client.execProtocolStream(Buffer.concat([...parts, serialize.sync()]));
  }

  // Statements of one transaction may be called concurrently, and the client collects the answers of one exchange at a time.
  return <Row>(statement: Statement<Row>, values: readonly unknown[]) =>
    client.runExclusive(async () => {
      const { serializers, columns } = known.get(statement.name) ?? (await prepare(statement));
      const texts = serializers.map((toText, index) => textOf(values[index], toText));
      const answers = await exchange(serialize.bind({ statement: statement.name, values: texts }), serialize.execute());
      const rows = answers.filter((answer) => answer instanceof messages.DataRowMessage);
      return rows.map(({ fields }) => rowOf(columns, fields) as Row);
    });
}

function textOf(value: unknown, toText: (value: unknown) => string): string | null {
  return value === null || value === undefined ? null : toText(value);
}

function rowOf(columns: readonly Column[], fields: readonly (string | null)[]): object {
  return Object.fromEntries(
    columns.map(({ name, parse }, index) => {
      const text = fields[index] ?? null;
      return [name, text === null ? null : parse(text)];
    }),
  );
}
