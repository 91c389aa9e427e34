/** Every rule of the contract's requests has a message for a field that breaks it. */
import { globSync } from 'node:fs';
import path from 'node:path';
import { expect, it } from 'vitest';
import type { Endpoint } from '../../contract/endpoint.ts';
import { fieldFaults } from '../../server/http/validation.ts';

/** Keywords of JSON Schema that a request cannot violate. */
const silent = new Set([
  'title',
  'description',
  'examples',
  'default',
  'properties',
  'items',
  'deprecated',
  'contentMediaType',
]);

function keywordsOf(schema: unknown): string[] {
  if (schema === null || typeof schema !== 'object') return [];
  const { properties = {}, items, additionalProperties, ...rest } = schema as Record<string, unknown>;
  return [
    ...(additionalProperties === false ? ['additionalProperties'] : []),
    ...Object.keys(rest).filter((key) => !silent.has(key) && !key.startsWith('~')),
    ...Object.values(properties as object).flatMap(keywordsOf),
    ...keywordsOf(items),
  ];
}

it('has its own message', async () => {
  const root = path.resolve(import.meta.dirname, '../../contract');
  const modules = await Promise.all(globSync('*.ts', { cwd: root }).map((file) => import(path.join(root, file))));
  const endpoints = modules
    .flatMap((module) => Object.values<Endpoint>(module))
    .filter((value) => typeof value?.operationId === 'string');
  expect(endpoints.length).toBeGreaterThan(20);
  const keywords = new Set(
    endpoints.flatMap(({ body, params, query, headers }) => [body, params, query, headers].flatMap(keywordsOf)),
  );
  expect(keywords).toContain('maxLength');
  for (const keyword of keywords) {
    const failure = { keyword, instancePath: '', schemaPath: '', params: {} };
    expect(fieldFaults([failure], 'body')[0]!.sentence, keyword).not.toBe('other');
  }
});
