/** Registers endpoints of the contract: validation, serialisation and authentication follow from the definition. */
import type { ServerResponse } from 'node:http';
import type { FastifyInstance, FastifyReply, FastifyRequest, FastifySchema } from 'fastify';
import { isStream, type Body, type Endpoint, type Params, type Query, type Success } from '../../contract/endpoint.ts';
import { answerConditionally } from './conditional.ts';

/** The authenticated caller of a request. */
export interface Caller {
  readonly userId: number;
  readonly sessionId: string;
  /** Expiry of the access token, or of the one that a ticket was issued for, in ms since 1970. */
  readonly expiresAtMs: number;
}

declare module 'fastify' {
  interface FastifyRequest {
    caller: Caller | null;
  }
  interface FastifyContextConfig {
    endpoint?: Endpoint;
  }
}

export interface Call<E extends Endpoint> {
  readonly caller: E['auth'] extends 'none' ? null : Caller;
  readonly params: Params<E>;
  readonly query: Query<E>;
  readonly body: Body<E>;
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
  readonly admit: Admit;
  readonly session: Authenticate;
}

/** Returns the caller or throws a problem. */
export type Authenticate = (request: FastifyRequest) => Promise<Caller>;

/** Resolves when the request may be handled. Throws `too_many_requests`. */
export type Admit = (caller: Caller, endpoint: Endpoint, answer: ServerResponse) => Promise<void> | undefined;

/** Returns the function with which features register endpoints on `app`. */
export function serveOn(app: FastifyInstance, authenticate: Authentication): Serve {
  return (endpoint, handler) => {
    const success = Number(Object.keys(endpoint.answers)[0]);
    const check = endpoint.auth === 'none' ? null : authenticate[endpoint.auth];
    app.route({
      method: endpoint.method,
      url: endpoint.path,
      schema: schemaOf(endpoint),
      config: { endpoint },
      // HEAD of a stream would never end.
      exposeHeadRoute: !isStream(endpoint),
      // Before the body is read, so that unauthenticated requests are not parsed.
      onRequest: check
        ? async (request, reply) => {
            request.caller = await check(request);
            await authenticate.admit(request.caller, endpoint, reply.raw);
          }
        : [],
      ...(endpoint.conditional && { onSend: answerConditionally }),
      async handler(request, reply) {
        const { caller, params, query, body } = request;
        reply.code(success);
        return handler({ caller, params, query, body, request, reply } as Parameters<typeof handler>[0]);
      },
    });
  };
}

/** The Fastify schema of an endpoint, for validation and serialisation. */
function schemaOf(endpoint: Endpoint): FastifySchema {
  return {
    ...(endpoint.params && { params: endpoint.params }),
    ...(endpoint.query && { querystring: endpoint.query }),
    ...(endpoint.headers && { headers: endpoint.headers }),
    ...(endpoint.body && { body: endpoint.body }),
    response: Object.fromEntries(
      Object.entries(endpoint.answers)
        .filter(([, { body, mediaType }]) => body !== undefined && mediaType === undefined)
        .map(([status, { body }]) => [status, body]),
    ),
  };
}
