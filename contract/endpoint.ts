/** The definition of an HTTP operation, from which validation, types, OpenAPI and the web client are derived. */
import { Type, type Static, type TObject, type TSchema } from 'typebox';
import type { ProblemCode } from './errors.ts';

export interface ResponseHeader {
  readonly description: string;
  readonly schema: TSchema;
}

export interface Answer {
  readonly description: string;
  /** Absent if the response has no body. */
  readonly body?: TSchema;
  /** Media type of the body; defaults to `application/json`. */
  readonly mediaType?: string;
  /** Bodies of other media types, which a parameter asks for. */
  readonly otherwise?: Readonly<Record<string, TSchema>>;
  readonly headers?: Readonly<Record<string, ResponseHeader>>;
}

/** Rate limits that a request of a signed-in account can count against. */
export type Rate = 'writes' | 'feeds' | 'billing';

/** A WebSocket: what each side sends in text frames, and why the server closes. */
export interface Socket {
  /** Schema of a frame of the client. */
  readonly client: TSchema;
  /** Schema of a frame of the server. */
  readonly server: TSchema;
  /** Close codes of the server, with their meaning. */
  readonly closes: Readonly<Record<number, string>>;
}

/**
 * What a body is. `json`: parsed and validated. `raw`: the bytes of a JSON document that is signed, so that nothing of body and
 * headers is parsed or validated before the handler. `multipart`: a file in the form of RFC 7578, which the handler reads as it
 * comes.
 */
export type Accepts = 'json' | 'raw' | 'multipart';

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
   * `X-Session: cookie`, the refresh token's cookie; `admin`: an access token of an administrator, while to everybody else who is
   * signed in the endpoint does not exist; `none`: anyone.
   */
  readonly auth: 'bearer' | 'ticket' | 'session' | 'admin' | 'none';
  readonly params?: TObject;
  readonly query?: TObject;
  readonly headers?: TObject;
  readonly body?: TObject;
  /** The body may be left out, which means `{}`. */
  readonly bodyOptional?: true;
  /** Defaults to `json`. */
  readonly accepts?: Accepts;
  /** A longer body is `body_too_large`; defaults to `bodyLimits.bytes`. */
  readonly maxBodyBytes?: number;
  /** A body that takes longer to arrive is `request_timeout`; defaults to `bodyLimits.timeoutMs`. */
  readonly bodyTimeoutMs?: number;
  readonly answers: Readonly<Record<number, Answer>>;
  /** The operation is a WebSocket: its answer is 101, and the connection lasts until one side closes it. */
  readonly socket?: Socket;
  /** Uses neither database nor Redis and is never shed, so it does not answer 503. */
  readonly standsAlone?: true;
  /** The response contains a token, ticket or code and must not be cached (RFC 6749, section 5.1). */
  readonly holdsSecret?: true;
  /**
   * Takes `Idempotency-Key`: a repeat with the same key, path and body within 24 hours returns the first success, marked with
   * `Idempotent-Replayed`.
   */
  readonly idempotent?: true;
  /** Responses carry `ETag`, and `If-None-Match` is answered with 304 (RFC 9110, section 13.1.2). */
  readonly conditional?: true;
  /** Rate limits of this operation; defaults to `writes` for everything but GET. */
  readonly rates?: readonly Rate[];
  /** Problems of this operation, in addition to those common to its kind (see `problemsOf`). */
  readonly problems: readonly ProblemCode[];
}

/** Returns `definition` unchanged, with its narrow type for `Body`, `Query`, `Params` and `Success`. */
export function endpoint<const E extends Endpoint>(definition: E): E {
  return definition;
}

/** Header of an endpoint that is `idempotent`. Keys of an account are one space. */
const idempotencyHeaders = Type.Object({
  'idempotency-key': Type.Optional(
    Type.String({
      minLength: 1,
      maxLength: 255,
      pattern: '^[\\x20-\\x7e]+$',
      description:
        'A repeat with the same key, path and body within 24 hours returns the same response, and creates and charges nothing. One key is good for one request of the account, whatever it creates.',
      examples: ['5e6f9b1c-0c52-4a6c-8f0f-3d0f6f9f5b9a'],
    }),
  ),
});

/** Header of a success that was created by an earlier request with the same key. */
export const replayedHeaders = { 'idempotent-replayed': 'true' } as const;

/** The request headers of an endpoint. */
export function headersOf({ headers, idempotent }: Endpoint): TObject | undefined {
  if (!idempotent) return headers;
  return headers ? Type.Object({ ...idempotencyHeaders.properties, ...headers.properties }) : idempotencyHeaders;
}

/** Limits of a body unless the endpoint declares others: 32,000 characters of at most twelve bytes in JSON, with a margin. */
export const bodyLimits = { bytes: 1024 * 1024, timeoutMs: 30_000 };

type StaticOf<S> = S extends TSchema ? Static<S> : undefined;
/** The body as the handler receives it; raw bytes are empty if there was none. */
export type Body<E extends Endpoint> = E['accepts'] extends 'raw'
  ? Uint8Array
  : E['accepts'] extends 'multipart'
    ? undefined
    : StaticOf<E['body']>;
export type Query<E extends Endpoint> = StaticOf<E['query']>;
export type Params<E extends Endpoint> = StaticOf<E['params']>;

type BodyOf<A> = A extends { readonly body: infer S extends TSchema } ? Static<S> : undefined;
/** The response body of an endpoint. */
export type Success<E extends Endpoint> = { [S in keyof E['answers']]: BodyOf<E['answers'][S]> }[keyof E['answers']];

/** The rate limits that a request counts against. */
export function ratesOf({ rates, method }: Endpoint): readonly Rate[] {
  return rates ?? (method === 'GET' ? [] : ['writes']);
}

/** True for responses that last until one side ends them. */
export function isStream({ answers, socket }: Endpoint): boolean {
  return socket !== undefined || Object.values(answers).some((answer) => answer.mediaType === 'text/event-stream');
}

/** Problems that occur before the operation is known. */
const always: readonly ProblemCode[] = ['bad_request', 'request_timeout', 'headers_too_large', 'internal_error'];

/** Problems of a request with an `Idempotency-Key`. */
const ofKeys: readonly ProblemCode[] = ['request_in_flight', 'idempotency_key_reused'];

/** All problems of an operation: its own and those that follow from its body, input and authentication. */
export function problemsOf(definition: Endpoint): ProblemCode[] {
  const codes = new Set<ProblemCode>([...always, ...(definition.idempotent ? ofKeys : []), ...definition.problems]);
  if (definition.auth === 'admin') codes.add('not_found');
  const kinds: readonly (readonly [applies: boolean, ...ProblemCode[]])[] = [
    [definition.auth !== 'none', 'invalid_token', 'too_many_requests'],
    [definition.socket !== undefined, 'forbidden', 'upgrade_required'],
    [!definition.standsAlone, 'service_unavailable', 'overloaded'],
    // An unexpected body is still read, up to the limit, and ignored.
    [definition.method !== 'GET', 'unsupported_media_type', 'body_too_large'],
    [definition.method !== 'GET' && (definition.accepts ?? 'json') === 'json', 'malformed_json'],
  ];
  for (const [applies, ...more] of kinds) if (applies) for (const code of more) codes.add(code);
  const validated = definition.accepts === 'raw' ? undefined : (definition.body ?? headersOf(definition));
  if (validated ?? definition.params ?? definition.query) codes.add('validation_failed');
  return [...codes];
}
