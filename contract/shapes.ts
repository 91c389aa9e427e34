/** Shared building blocks of the contract: ids, timestamps, text and paging. */
import { Type, type Static, type TSchema } from 'typebox';

export const Id = Type.Integer({ minimum: 1, maximum: Number.MAX_SAFE_INTEGER, examples: [42] });

/** RFC 3339 in UTC with milliseconds, `2026-11-23T08:15:30.123Z`. */
export const Timestamp = Type.String({ format: 'date-time', examples: ['2026-11-23T08:15:30.123Z'] });

/** A nullable schema, written as a type list (JSON Schema 2020-12), which serialises faster than a union. */
export function Nullable<S extends TSchema & { type: string }>(schema: S) {
  const { type, ...rest } = schema as S & Record<string, unknown>;
  return Type.Unsafe<Static<S> | null>({ ...rest, type: [type, 'null'] });
}

/** User text. The `text` format refuses what PostgreSQL or UTF-8 cannot store: NUL and unpaired surrogates. */
export function Text(
  minLength: number,
  maxLength: number,
  options: { description?: string; examples?: string[] } = {},
) {
  return Type.String({ minLength, maxLength, format: 'text', ...options });
}

/** True for text that survives a round trip through UTF-8 and PostgreSQL. */
export function isStorableText(value: string): boolean {
  return value.isWellFormed() && !value.includes('\0');
}

export const PageQuery = {
  limit: Type.Optional(
    Type.Integer({ minimum: 1, maximum: 100, default: 100, description: 'Maximum number of entries.', examples: [20] }),
  ),
  before: Type.Optional(Type.Integer({ ...Id, description: 'Entries before this id.' })),
  after: Type.Optional(Type.Integer({ ...Id, description: 'Entries after this id.' })),
};

export const LinkHeader = {
  link: {
    description: 'RFC 8288 links to the neighbouring pages: `rel="next"`, `rel="prev"`. Absent when there are none.',
    schema: Type.String({ examples: ['</chatroom?limit=20&before=42>; rel="next"'] }),
  },
};

export const LocationHeader = {
  location: { description: 'Path of the created resource.', schema: Type.String({ examples: ['/chatroom/42'] }) },
};
