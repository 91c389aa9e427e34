/** One operation of the OpenAPI document. */
import type { TObject, TSchema } from 'typebox';
import { headersOf, type Answer, type Endpoint, type ResponseHeader, type Socket } from '../../contract/endpoint.ts';
import { exampleOf, plainSchema } from './openapi-schema.ts';
import type { JsonObject } from './titled-schemas.ts';

const securityOf = {
  none: [],
  bearer: [{ bearer: [] }],
  ticket: [{ bearer: [] }, { ticket: [] }],
  session: [{ bearer: [] }, { session: [] }],
  // OpenAPI 3.1: for schemes other than OAuth 2 the list names required roles.
  admin: [{ bearer: ['admin'] }],
};

/** Describes an endpoint; `problems` are its error responses. */
export function describeOperation(endpoint: Endpoint, problems: Record<string, object>): object {
  const parameters = [
    ...describeParameters('path', endpoint.params),
    // The ticket is described by its security scheme.
    ...describeParameters('query', endpoint.query).filter(
      ({ name }) => endpoint.auth !== 'ticket' || name !== 'ticket',
    ),
    ...describeParameters('header', headersOf(endpoint)),
    ...(endpoint.conditional ? [ifNoneMatch] : []),
  ];
  const answers = Object.entries(endpoint.answers).map(([status, answer]) => [
    status,
    describeAnswer(answer, endpoint),
  ]);
  return {
    operationId: endpoint.operationId,
    tags: [endpoint.tag],
    summary: endpoint.summary,
    description: endpoint.description,
    security: securityOf[endpoint.auth],
    ...(parameters.length > 0 && { parameters }),
    ...(endpoint.socket && { 'x-websocket': describeSocket(endpoint.socket) }),
    ...(endpoint.body && {
      requestBody: { required: !endpoint.bodyOptional, content: { [bodyType(endpoint)]: describeBody(endpoint.body) } },
    }),
    responses: {
      ...Object.fromEntries(answers),
      ...(endpoint.conditional && { 304: notModified }),
      ...problems,
    },
  };
}

const bodyType = ({ accepts }: Endpoint) => (accepts === 'multipart' ? 'multipart/form-data' : 'application/json');

/** OpenAPI 3.1 has no words for WebSockets. */
function describeSocket({ client, server, closes }: Socket): object {
  return { client: plainSchema(client), server: plainSchema(server), closes };
}

function describeParameters(place: 'path' | 'query' | 'header', schema: TObject | undefined): JsonObject[] {
  const required = new Set<string>((schema?.required ?? []) as string[]);
  return Object.entries(schema?.properties ?? {}).map(([name, property]) => {
    const { description, examples, ...rest } = plainSchema(property);
    const [example] = (examples ?? []) as unknown[];
    const parameter = { name, in: place, required: required.has(name), description, schema: rest };
    if (example === undefined) return parameter;
    // Swagger UI fills in a parameter's own example, which is unwanted for cursors; it only displays a schema's.
    return parameter.required ? { ...parameter, example } : { ...parameter, schema: { ...rest, examples } };
  });
}

const noStore: Readonly<Record<string, ResponseHeader>> = {
  'cache-control': { description: 'It holds a secret.', schema: { type: 'string', examples: ['no-store'] } },
};

const tagHeader: Readonly<Record<string, ResponseHeader>> = {
  etag: {
    description: 'Changes with the answer.',
    schema: { type: 'string', examples: ['"ZmXUIDnLEn0DbVjMsmZ1N8jO7TqXOWcWLlzBT0FRTjM"'] },
  },
};

const ifNoneMatch: JsonObject = {
  name: 'if-none-match',
  in: 'header',
  required: false,
  description: 'Tags of answers that the client holds, from `ETag`.',
  schema: { type: 'string', examples: ['"ZmXUIDnLEn0DbVjMsmZ1N8jO7TqXOWcWLlzBT0FRTjM"'] },
};

const replayed: Readonly<Record<string, ResponseHeader>> = {
  'idempotent-replayed': {
    description: 'An earlier request with this `Idempotency-Key` had this answer; nothing was created now.',
    schema: { type: 'string', enum: ['true'], examples: ['true'] },
  },
};

function describeAnswer(answer: Answer, { holdsSecret, conditional, idempotent }: Endpoint): object {
  return {
    description: answer.description,
    headers: describeHeaders({
      ...(holdsSecret && noStore),
      ...(conditional && tagHeader),
      ...(idempotent && replayed),
      ...answer.headers,
    }),
    ...(answer.body && { content: describeContent(answer.body, answer) }),
  };
}

function describeContent(body: TSchema, { mediaType = 'application/json', otherwise = {} }: Answer): object {
  const bodies = Object.entries({ [mediaType]: body, ...otherwise });
  return Object.fromEntries(bodies.map(([type, schema]) => [type, describeBody(schema)]));
}

function describeBody(body: object): object {
  const schema = plainSchema(body);
  return { schema, example: exampleOf(schema) };
}

const requestId: ResponseHeader = {
  description: 'The id of this request; also in the logs.',
  schema: { type: 'string', examples: ['4f9c1c1e-9f5b-4b52-8f6e-6f3d2f1f0a77'] },
};

/** Response headers by name. Every response has `x-request-id`. */
export function describeHeaders(headers: Readonly<Record<string, ResponseHeader>>): object {
  return Object.fromEntries(
    Object.entries({ 'x-request-id': requestId, ...headers }).map(([name, { description, schema }]) => {
      const { examples, ...rest } = plainSchema(schema);
      const [example] = (examples ?? []) as unknown[];
      return [name, { description, schema: rest, ...(example !== undefined && { example }) }];
    }),
  );
}

const notModified = {
  description: 'The client holds this answer already: `If-None-Match` names its tag.',
  headers: describeHeaders(tagHeader),
};
