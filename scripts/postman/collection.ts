/**
 * A Postman collection (v2.1) and environment generated deterministically from the OpenAPI document. Not by a converter: one keeps
 * neither the order of requests nor the values they pass on, which are most of this.
 */
import { goodbye, journey, operator, others, type Chapter, type Step } from './plan.ts';

/** Parts of the OpenAPI document that are used here. */
export interface Document {
  readonly info: { readonly title: string; readonly description: string };
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: { readonly schemas: Readonly<Record<string, Schema>> };
}

interface Operation {
  readonly operationId: string;
  readonly summary: string;
  readonly description: string;
  readonly security: readonly object[];
  readonly parameters?: readonly Parameter[];
  readonly requestBody?: { readonly content: Readonly<Record<string, { readonly example: object }>> };
  readonly responses: Readonly<Record<string, Answer>>;
}

interface Parameter {
  readonly name: string;
  readonly in: 'path' | 'query' | 'header';
  readonly description: string;
  readonly example?: string | number;
  readonly schema: { readonly examples?: readonly (string | number)[] };
}

interface Answer {
  readonly content?: { readonly 'application/json'?: { readonly schema: Schema } };
}

interface Schema {
  readonly $ref?: string;
  readonly required?: readonly string[];
}

interface Located extends Operation {
  readonly method: string;
  readonly path: string;
}

/** Variables of the environment, empty except the address. */
const variables: Readonly<Record<string, string>> = {
  base_url: 'http://127.0.0.1:8000',
  mobile_number: '',
  otp: '',
  access_token: '',
  refresh_token: '',
  session_id: '',
  chatroom_id: '',
  message_id: '',
  reply_id: '',
  memory_id: '',
  upload_id: '',
  subscription_id: '',
  share_id: '',
  token: '',
  user_id: '',
  event_id: '1',
  follow_events: 'false',
};

const collectionSchema = 'https://schema.getpostman.com/json/collection/v2.1.0/collection.json';

/** Throws if the plan names an unknown operation, or an operation needs a value that is not available. */
export function postmanCollection(document: Document): object {
  const operations = locate(document);
  const planned = new Set(
    [journey, others, operator, goodbye].flatMap(({ steps }) => steps.map((step) => step.operationId)),
  );
  const unplanned = [...operations.keys()].filter((id) => !planned.has(id)).map((operationId) => ({ operationId }));
  const rest: Chapter = { ...others, steps: [...others.steps, ...unplanned] };
  return {
    info: {
      _postman_id: 'pollux',
      name: document.info.title,
      description: document.info.description,
      schema: collectionSchema,
    },
    auth: { type: 'bearer', bearer: [{ key: 'token', value: '{{access_token}}', type: 'string' }] },
    item: [journey, rest, operator, goodbye].map(({ name, description, steps }) => ({
      name,
      description,
      item: steps.map((step) => itemOf(step, operations, document)),
    })),
  };
}

export function postmanEnvironment(): object {
  const values = Object.entries(variables).map(([key, value]) => ({
    key,
    value,
    type: /token|otp/.test(key) ? 'secret' : 'default',
    enabled: true,
  }));
  return { id: 'pollux-local', name: 'Pollux on this machine', values, _postman_variable_scope: 'environment' };
}

function locate({ paths }: Document): Map<string, Located> {
  const all = Object.entries(paths).flatMap(([path, item]) =>
    Object.entries(item).map(([method, operation]) => ({ ...operation, path, method: method.toUpperCase() })),
  );
  return new Map(all.map((operation) => [operation.operationId, operation]));
}

function itemOf(step: Step, operations: Map<string, Located>, document: Document): object {
  const operation = operations.get(step.operationId);
  if (!operation) throw new Error(`the plan names ${step.operationId}, which is not an operation`);
  const { before = [], note } = step;
  return {
    id: operation.operationId,
    name: operation.summary,
    request: {
      method: operation.method,
      description: note === undefined ? operation.description : `${operation.description}\n\n${note}`,
      ...(operation.security.length === 0 && { auth: { type: 'noauth' } }),
      header: headersOf(operation, step),
      url: urlOf(operation, step),
      ...(operation.requestBody && { body: bodyOf(operation.requestBody.content) }),
    },
    event: [
      ...(before.length > 0 ? [scriptOf('prerequest', before)] : []),
      scriptOf('test', testsOf(step, operation, document)),
    ],
    response: [],
  };
}

function scriptOf(listen: 'prerequest' | 'test', exec: readonly string[]): object {
  return { listen, script: { type: 'text/javascript', exec } };
}

function headersOf({ parameters = [], requestBody }: Located, { send = {} }: Step): object[] {
  const named = parameters
    .filter((parameter) => parameter.in === 'header')
    .map((parameter) => fieldOf(parameter, send));
  const isJson = requestBody && 'application/json' in requestBody.content;
  return [...(isJson ? [{ key: 'content-type', value: 'application/json' }] : []), ...named];
}

function urlOf({ path, parameters = [] }: Located, { send = {} }: Step): object {
  const query = parameters.filter((parameter) => parameter.in === 'query').map((parameter) => fieldOf(parameter, send));
  const segments = path
    .slice(1)
    .split('/')
    .map((segment) => segment.replace(/^\{(.+)\}$/, (_, name: string) => holding(name)));
  const search = query.filter(({ disabled }) => !disabled).map(({ key, value }) => `${key}=${value}`);
  return {
    raw: `{{base_url}}/${segments.join('/')}${search.length > 0 ? `?${search.join('&')}` : ''}`,
    host: ['{{base_url}}'],
    path: segments,
    ...(query.length > 0 && { query }),
  };
}

/** The variable for a path parameter. */
function holding(name: string): string {
  if (!(name in variables)) throw new Error(`nothing is known for {${name}}: add it to the environment and the plan`);
  return `{{${name}}}`;
}

function fieldOf({ name, description, schema, example }: Parameter, send: Readonly<Record<string, string>>) {
  const chosen = send[name];
  return {
    key: name,
    value: chosen ?? String(example ?? schema.examples?.[0] ?? ''),
    description,
    ...(chosen === undefined && { disabled: true }),
  };
}

function bodyOf(content: Readonly<Record<string, { readonly example: object }>>): object {
  const json = content['application/json'];
  return json === undefined ? formOf() : jsonOf(json.example);
}

/** Postman asks for the file. */
function formOf(): object {
  return { mode: 'formdata', formdata: [{ key: 'file', type: 'file', src: [] }] };
}

function jsonOf(example: object): object {
  const members = Object.entries(example).map(([name, value]) => [name, name in variables ? `{{${name}}}` : value]);
  const raw = JSON.stringify(Object.fromEntries(members), null, 2);
  return { mode: 'raw', raw, options: { raw: { language: 'json' } } };
}

function testsOf({ expect, after = [] }: Step, { responses }: Located, { components }: Document): string[] {
  const success = Object.keys(responses).find((status) => status.startsWith('2'))!;
  const statuses = expect ?? [Number(success)];
  const json = responses[success]?.content?.['application/json']?.schema;
  const members = requiredOf(json, components.schemas);
  const onSuccess = [
    ...(members.length > 0
      ? [`pm.test('holds what is documented', () => pm.expect(body).to.include.all.keys(${JSON.stringify(members)}));`]
      : []),
    ...after,
  ];
  return [
    `pm.test('answers ${statuses.join(' or ')}', () => pm.expect(pm.response.code).to.be.oneOf(${JSON.stringify(statuses)}));`,
    "pm.test('names the request', () => pm.response.to.have.header('x-request-id'));",
    ...(onSuccess.length > 0
      ? [
          `if (pm.response.code === ${success}) {`,
          '  const body = pm.response.json();',
          ...onSuccess.map((line) => `  ${line}`),
          '}',
        ]
      : []),
  ];
}

function requiredOf(json: Schema | undefined, schemas: Readonly<Record<string, Schema>>): readonly string[] {
  const name = json?.$ref?.split('/').at(-1);
  // The code is returned in development only.
  return ((name === undefined ? json : schemas[name])?.required ?? []).filter((member) => member !== 'otp');
}
