/** Moves each titled schema of the OpenAPI document to `components.schemas`. */

export type JsonObject = { [key: string]: unknown };

/** Returns a copy in which every titled object schema is a `$ref`. Two different schemas must not share a title. */
export function hoistTitledSchemas(document: JsonObject): JsonObject {
  const schemas: Record<string, unknown> = {};

  function hoist(value: unknown): unknown {
    if (Array.isArray(value)) return value.map(hoist);
    if (value === null || typeof value !== 'object') return value;
    const copy = Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, hoist(inner)]));
    const { title } = copy;
    if (typeof title !== 'string' || copy.type !== 'object') return copy;
    const known = schemas[title];
    if (known !== undefined && JSON.stringify(known) !== JSON.stringify(copy)) {
      throw new Error(`two schemas are called ${title}`);
    }
    schemas[title] = copy;
    return { $ref: `#/components/schemas/${title}` };
  }

  const { paths, components, ...rest } = document;
  const hoisted = { paths: hoist(paths), components: hoist(components) as JsonObject };
  return { ...rest, ...hoisted, components: { ...hoisted.components, schemas: sorted(schemas) } };
}

function sorted(schemas: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(schemas).toSorted(([a], [b]) => a.localeCompare(b, 'en')));
}
