/** Registers endpoints of the contract: validation, serialisation and authentication follow from the definition. */
import { hash } from 'node:crypto';
import type { ServerResponse } from 'node:http';
import type {
  FastifyInstance,
  FastifyReply,
  FastifyRequest,
  FastifySchema,
  RouteOptions,
  onRequestAsyncHookHandler,
  preValidationHookHandler,
} from 'fastify';
import {
  bodyLimits,
  headersOf,
  isStream,
  type Accepts,
  type Body,
  type Endpoint,
  type Params,
  type Query,
  type Success,
} from '../../contract/endpoint.ts';
import { notFound } from '../problems/problem.ts';
import { takeRawOnly } from './bodies.ts';
import { takeMultipartOnly } from './multipart.ts';
import { limitBodyTime } from './body-time.ts';
import { answerConditionally } from './conditional.ts';

/** Whom the token, ticket or cookie of a request names. */
export interface Identity {
  readonly userId: number;
  readonly sessionId: string;
  /** Expiry of the access token, or of the one that a ticket was issued for, in ms since 1970. */
  readonly expiresAtMs: number;
  /** Language in which a ticket was requested, since a browser cannot choose the headers of what the ticket opens. */
  readonly language?: string;
}

export type Role = 'user' | 'admin';

/** The authenticated caller of a request. */
export interface Caller extends Identity {
  /** At most a second old when the request began. */
  readonly role: Role;
}

declare module 'fastify' {
  interface FastifyRequest {
    caller: Caller | null;
  }
  interface FastifyContextConfig {
    endpoint?: Endpoint;
  }
}

/** The `Idempotency-Key` of a request. */
export interface RequestKey {
  readonly key: string;
  /** SHA-256 of the path and the whole body. */
  fingerprint(): string;
}

export interface Call<E extends Endpoint> {
  readonly caller: E['auth'] extends 'none' ? null : Caller;
  readonly params: Params<E>;
  readonly query: Query<E>;
  readonly body: Body<E>;
  /** Null without a key, and for endpoints that take none. */
  readonly requestKey: RequestKey | null;
  readonly request: FastifyRequest;
  readonly reply: FastifyReply;
}

/** Returns the response body, or the Fastify reply if the handler sent it. */
export type Handler<E extends Endpoint> = (call: Call<E>) => Promise<Success<E> | FastifyReply>;

export type Serve = <E extends Endpoint>(endpoint: E, handler: Handler<E>) => void;

/** Authentication for each kind of endpoint, and admission of authenticated callers. */
export interface Authentication {
  readonly bearer: Authenticate;
  readonly ticket: Authenticate;
  readonly session: Authenticate;
  readonly roleOf: (userId: number) => Promise<Role> | Role;
  readonly admit: Admit;
}

/** Returns whom the request names, or throws a problem. */
export type Authenticate = (request: FastifyRequest) => Promise<Identity>;

/** Resolves when the request may be handled. Throws `too_many_requests`. */
export type Admit = (caller: Caller, endpoint: Endpoint, answer: ServerResponse) => Promise<void> | undefined;

/** Registers a route where its kind of body is parsed. Fastify keeps parsers by scope; the app's own parse JSON. */
const registerFor: Readonly<Record<Accepts, (app: FastifyInstance, route: RouteOptions) => void>> = {
  json: (app, route) => void app.route(route),
  raw: (app, route) =>
    void app.register(async (scope) => {
      takeRawOnly(scope);
      scope.route(route);
    }),
  multipart: (app, route) =>
    void app.register(async (scope) => {
      await takeMultipartOnly(scope);
      scope.route(route);
    }),
};

/** Returns the function with which features register endpoints on `app`. */
export function serveOn(app: FastifyInstance, authentication: Authentication): Serve {
  return (endpoint, handler) => {
    const { accepts = 'json', maxBodyBytes = bodyLimits.bytes, bodyTimeoutMs = bodyLimits.timeoutMs } = endpoint;
    const success = Number(Object.keys(endpoint.answers)[0]);
    registerFor[accepts](app, {
      method: endpoint.method,
      url: endpoint.path,
      schema: schemaOf(endpoint),
      config: { endpoint },
      bodyLimit: maxBodyBytes,
      // HEAD of a stream would never end.
      exposeHeadRoute: !isStream(endpoint),
      // Before the body is read, so that unauthenticated requests are not parsed.
      onRequest: authenticateFirst(endpoint, authentication),
      ...(endpoint.method !== 'GET' && { preParsing: limitBodyTime(app.server, bodyTimeoutMs) }),
      ...(endpoint.bodyOptional && { preValidation: readMissingBody }),
      ...(endpoint.conditional && { onSend: answerConditionally }),
      async handler(request, reply) {
        const { caller, params, query } = request;
        const body = request.body ?? (accepts === 'raw' ? noBytes : undefined);
        reply.code(success);
        const requestKey = endpoint.idempotent ? requestKeyOf(endpoint, request) : null;
        return handler({ caller, params, query, body, requestKey, request, reply } as Parameters<typeof handler>[0]);
      },
    });
  };
}

function requestKeyOf({ operationId }: Endpoint, { headers, params, body }: FastifyRequest): RequestKey | null {
  const key = headers['idempotency-key'];
  if (typeof key !== 'string') return null;
  return { key, fingerprint: () => hash('sha256', JSON.stringify([operationId, params, body ?? null]), 'base64url') };
}

/** A body that was left out is `{}`; `null` is a body, and stays invalid. */
const readMissingBody: preValidationHookHandler = (request, _reply, done) => {
  if (request.body === undefined) request.body = {};
  done();
};

const noBytes = new Uint8Array(0);

/** Hooks that determine and admit the caller of an endpoint; none if anyone may call it. */
export function authenticateFirst(endpoint: Endpoint, authentication: Authentication): onRequestAsyncHookHandler[] {
  const callerOf = authenticationOf(endpoint, authentication);
  if (callerOf === null) return [];
  return [
    async (request, reply) => {
      request.caller = await callerOf(request);
      await authentication.admit(request.caller, endpoint, reply.raw);
    },
  ];
}

/** Returns what determines the caller of an endpoint; null if anyone may call it. */
function authenticationOf(
  { auth }: Endpoint,
  authentication: Authentication,
): ((request: FastifyRequest) => Promise<Caller>) | null {
  if (auth === 'none') return null;
  const identify = authentication[auth === 'admin' ? 'bearer' : auth];
  return async (request) => {
    const identity = await identify(request);
    const role = await authentication.roleOf(identity.userId);
    if (auth === 'admin' && role !== 'admin') throw notFound();
    return { ...identity, role };
  };
}

/** The Fastify schema of an endpoint, for validation and serialisation. */
export function schemaOf(endpoint: Endpoint): FastifySchema {
  const headers = headersOf(endpoint);
  return {
    ...(endpoint.params && { params: endpoint.params }),
    ...(endpoint.query && { querystring: endpoint.query }),
    ...(endpoint.accepts !== 'raw' && {
      ...(headers && { headers }),
      ...(endpoint.body && endpoint.accepts !== 'multipart' && { body: endpoint.body }),
    }),
    response: Object.fromEntries(
      Object.entries(endpoint.answers)
        .filter(([, { body, mediaType }]) => body !== undefined && mediaType === undefined)
        .map(([status, { body }]) => [status, body]),
    ),
  };
}
