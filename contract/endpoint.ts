/** What one HTTP operation promises: the single source for validation, types, OpenAPI and the web client. */
import type { Static, TObject, TSchema } from 'typebox';
import type { ProblemCode } from './errors.ts';

export interface ResponseHeader {
  readonly description: string;
  readonly schema: TSchema;
}

export interface Answer {
  readonly description: string;
  /** Absent for an answer without a body. */
  readonly body?: TSchema;
  /** Media type of the body; `application/json` unless named. */
  readonly mediaType?: string;
  readonly headers?: Readonly<Record<string, ResponseHeader>>;
}

/** What requests of a signed-in account are counted as, a minute. */
export type Rate = 'writes' | 'feeds' | 'billing';

export interface Endpoint {
  readonly method: 'GET' | 'POST' | 'PATCH' | 'PUT' | 'DELETE';
  /** Fastify syntax, `/chatroom/:chatroom_id`. */
  readonly path: string;
  readonly operationId: string;
  readonly tag: string;
  readonly summary: string;
  readonly description: string;
  /**
   * `bearer`: an access token; `ticket`: an access token or a one-use `?ticket=`; `session`: an access token or, with
   * `X-Session: cookie`, the refresh token's cookie; `none`: anyone.
   */
  readonly auth: 'bearer' | 'ticket' | 'session' | 'none';
  readonly params?: TObject;
  readonly query?: TObject;
  readonly headers?: TObject;
  readonly body?: TObject;
  /** The body is signed, so it is taken as bytes: nothing of the request is parsed or validated before the handler. */
  readonly rawBody?: true;
  readonly answers: Readonly<Record<number, Answer>>;
  /** Touches neither database nor Redis and is never shed, so it cannot be unavailable. */
  readonly standsAlone?: true;
  /** The answer holds a token, ticket or code, which nothing on its way may keep (RFC 6749, section 5.1). */
  readonly holdsSecret?: true;
  /** A success carries `ETag`, and a client that names it in `If-None-Match` gets 304 (RFC 9110, section 13.1.2). */
  readonly conditional?: true;
  /** What a request counts as, where that is not `writes` for all but GET. */
  readonly rates?: readonly Rate[];
  /** The codes this operation can answer beside those every operation of its kind can (see `problemsOf`). */
  readonly problems: readonly ProblemCode[];
}

/** Gives `definition` back unchanged, with its narrow type kept for `Body`, `Query`, `Params` and `Success`. */
export function endpoint<const E extends Endpoint>(definition: E): E {
  return definition;
}

type StaticOf<S> = S extends TSchema ? Static<S> : undefined;
export type Body<E extends Endpoint> = StaticOf<E['body']>;
export type Query<E extends Endpoint> = StaticOf<E['query']>;
export type Params<E extends Endpoint> = StaticOf<E['params']>;

type BodyOf<A> = A extends { readonly body: infer S extends TSchema } ? Static<S> : undefined;
/** The body of the answers an endpoint names. */
export type Success<E extends Endpoint> = { [S in keyof E['answers']]: BodyOf<E['answers'][S]> }[keyof E['answers']];

/** What a request of a signed-in account counts as. */
export function ratesOf({ rates, method }: Endpoint): readonly Rate[] {
  return rates ?? (method === 'GET' ? [] : ['writes']);
}

/** The answer goes on until one side ends it. */
export function isStream({ answers }: Endpoint): boolean {
  return Object.values(answers).some((answer) => answer.mediaType === 'text/event-stream');
}

/** A request can be unreadable, too slow or too large before anybody knows which operation it is for. */
const always: readonly ProblemCode[] = ['bad_request', 'request_timeout', 'headers_too_large', 'internal_error'];

/** Every code an operation can answer: its own and those that follow from taking a body, input or a token. */
export function problemsOf(definition: Endpoint): ProblemCode[] {
  const codes = new Set<ProblemCode>([...always, ...definition.problems]);
  if (definition.auth !== 'none') for (const code of ['invalid_token', 'too_many_requests'] as const) codes.add(code);
  if (!definition.standsAlone) {
    for (const code of ['service_unavailable', 'overloaded'] as const) codes.add(code);
  }
  // A body nobody asked for is still read, up to the limit, before it is ignored.
  if (definition.method !== 'GET') {
    for (const code of ['unsupported_media_type', 'body_too_large'] as const) codes.add(code);
    if (!definition.rawBody) codes.add('malformed_json');
  }
  const takesInput = definition.body ?? definition.params ?? definition.query ?? definition.headers;
  if (takesInput && !definition.rawBody) codes.add('validation_failed');
  return [...codes];
}
