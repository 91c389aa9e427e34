/** Contract schemas for the OpenAPI document, and examples made from them. */
import type { JsonObject } from './titled-schemas.ts';

/** A plain copy in which string enums have `type: string` and records have `additionalProperties`. */
export function plainSchema(schema: object): JsonObject {
  return plain(JSON.parse(JSON.stringify(schema))) as JsonObject;
}

function plain(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(plain);
  if (value === null || typeof value !== 'object') return value;
  const { patternProperties, ...copy } = Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [key, key === 'examples' ? inner : plain(inner)]),
  );
  if (Array.isArray(copy.enum) && copy.enum.every((word) => typeof word === 'string')) copy.type ??= 'string';
  const everyMember = (patternProperties as JsonObject | undefined)?.['^.*$'];
  return everyMember === undefined ? copy : { ...copy, additionalProperties: everyMember };
}

/** The schema's own example, or one composed of its members' examples; undefined if one is missing. */
export function exampleOf(schema: JsonObject): unknown {
  if (Array.isArray(schema.examples)) return schema.examples[0];
  if (schema.const !== undefined) return schema.const;
  if (Array.isArray(schema.enum)) return schema.enum[0];
  if (schema.type === 'boolean') return false;
  if (schema.type === 'array') return [exampleOf(schema.items as JsonObject)];
  if (schema.type !== 'object') return undefined;
  const members = Object.entries((schema.properties ?? {}) as Record<string, JsonObject>);
  return Object.fromEntries(members.map(([name, member]) => [name, exampleOf(member)]));
}
