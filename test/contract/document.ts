/** The OpenAPI document of a running product, with look-ups for tests. */
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import ajvFormats from 'ajv-formats';
import { isStorableText } from '../../contract/shapes.ts';
import { request } from '../client.ts';

/** Any part of the document, untyped. */
export type Json = any;

export interface Parameter {
  readonly name: string;
  readonly in: 'path' | 'query' | 'header';
  readonly required: boolean;
  readonly schema: Json;
  readonly example?: Json;
}

export interface Operation {
  readonly id: string;
  readonly method: string;
  /** The path template, with `{parameters}`. */
  readonly path: string;
  /** True when it needs a signed-in user. */
  readonly secured: boolean;
  /** True when it accepts `?ticket=` instead of a token. */
  readonly takesTicket: boolean;
  readonly parameters: readonly Parameter[];
  /** Schema and example of the body; null when it has none. */
  readonly body: { readonly schema: Json; readonly example: Json; readonly required: boolean } | null;
  /** True when it takes a form with a file in place of JSON. */
  readonly takesForm: boolean;
  /** By status, references resolved. */
  readonly responses: Readonly<Record<string, Json>>;
}

export interface ApiDocument {
  readonly json: Json;
  readonly operations: readonly Operation[];
  operation(id: string): Operation;
  /** Resolves references at the top of a part. */
  follow(part: Json): Json;
  /** The first fault of an answer by a schema of the document; null when it is valid and has no undocumented members. */
  misfit(schema: Json, value: unknown): string | null;
  /** True when a value of a request is valid by a schema; unknown members are allowed. */
  accepts(schema: Json, value: unknown): boolean;
}

const methods = ['get', 'post', 'put', 'patch', 'delete', 'head', 'options', 'trace'];

export async function readDocument(url: string): Promise<ApiDocument> {
  const { body } = await request('GET', `${url}/openapi.json`);
  return openDocument(body);
}

function openDocument(json: Json): ApiDocument {
  const follow = (part: Json): Json => (typeof part?.$ref === 'string' ? follow(at(json, part.$ref)) : part);
  const operations = Object.entries<Json>(json.paths).flatMap(([path, item]) =>
    Object.entries<Json>(item)
      .filter(([method]) => methods.includes(method))
      .map(([method, operation]) => readOperation(method.toUpperCase(), path, operation, follow)),
  );
  const open = validatorOf(json, (part) => part);
  const byId = new Map(operations.map((operation) => [operation.id, operation]));
  return {
    json,
    operations,
    operation: (id) => byId.get(id)!,
    follow,
    misfit: validatorOf(json, closed),
    accepts: (schema, value) => open(schema, value) === null,
  };
}

function readOperation(method: string, path: string, operation: Json, follow: (part: Json) => Json): Operation {
  const content = operation.requestBody?.content['application/json'];
  return {
    id: operation.operationId,
    method,
    path,
    secured: operation.security.length > 0,
    takesTicket: operation.security.some((way: Json) => 'ticket' in way),
    parameters: operation.parameters ?? [],
    body: content
      ? { schema: content.schema, example: content.example, required: operation.requestBody.required }
      : null,
    takesForm: operation.requestBody?.content['multipart/form-data'] !== undefined,
    responses: Object.fromEntries(
      Object.entries<Json>(operation.responses).map(([status, part]) => [status, follow(part)]),
    ),
  };
}

function at(json: Json, reference: string): Json {
  const tokens = reference.replace(/^#\//, '').split('/');
  return tokens.reduce((part, token) => part[token.replaceAll('~1', '/').replaceAll('~0', '~')], json);
}

/** Validates values by the document's schemas, each changed by `prepare` first. */
function validatorOf(json: Json, prepare: (schema: Json) => Json): ApiDocument['misfit'] {
  const ajv = new Ajv2020({ strict: false, allErrors: true });
  ajvFormats.default(ajv);
  ajv.addFormat('text', isStorableText);
  ajv.addSchema({ $id: 'api', components: { schemas: prepare(json.components.schemas) } });
  const compiled = new Map<string, ValidateFunction>();
  return (schema, value) => {
    const key = JSON.stringify(schema);
    let validate = compiled.get(key);
    if (!validate) {
      validate = ajv.compile(JSON.parse(JSON.stringify(prepare(schema)).replaceAll('"#/', '"api#/')));
      compiled.set(key, validate);
    }
    return validate(value) ? null : ajv.errorsText(validate.errors);
  };
}

/** Forbids members that the schema does not name. */
function closed(part: Json): Json {
  if (Array.isArray(part)) return part.map(closed);
  if (part === null || typeof part !== 'object') return part;
  const copy = Object.fromEntries(Object.entries(part).map(([key, inner]) => [key, closed(inner)]));
  return copy.type === 'object' && copy.properties && copy.additionalProperties === undefined
    ? { ...copy, additionalProperties: false }
    : copy;
}
