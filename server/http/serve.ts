/** Puts an endpoint of the contract on the wire: validation, serialisation and sign-in all follow from its definition. */
import type { ServerResponse } from 'node:http';
import type { FastifyInstance, FastifyReply, FastifyRequest, FastifySchema } from 'fastify';
import { isStream, type Body, type Endpoint, type Params, type Query, type Success } from '../../contract/endpoint.ts';
import { answerConditionally } from './conditional.ts';

/** Who makes a request. */
export interface Caller {
  readonly userId: number;
  readonly sessionId: string;
  /** When the access token ends, or the one that a ticket was made with, in ms since 1970. */
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

/** Gives the body of the answer; the reply itself when it was sent by other means. */
export type Handler<E extends Endpoint> = (call: Call<E>) => Promise<Success<E> | FastifyReply>;

export type Serve = <E extends Endpoint>(endpoint: E, handler: Handler<E>) => void;

/** How each kind of sign-in that an endpoint can ask for is checked, and what a caller has to pass then. */
export interface Authentication {
  readonly bearer: Authenticate;
  readonly ticket: Authenticate;
  readonly admit: Admit;
  readonly session: Authenticate;
}

/** Resolves to the caller, or throws a problem. */
export type Authenticate = (request: FastifyRequest) => Promise<Caller>;

/** Returns when the caller's request may be handled, or throws `too_many_requests`. */
export type Admit = (caller: Caller, endpoint: Endpoint, answer: ServerResponse) => Promise<void> | undefined;

/** Gives the function by which features register their endpoints on `app`. */
export function serveOn(app: FastifyInstance, authenticate: Authentication): Serve {
  return (endpoint, handler) => {
    const success = Number(Object.keys(endpoint.answers)[0]);
    const check = endpoint.auth === 'none' ? null : authenticate[endpoint.auth];
    app.route({
      method: endpoint.method,
      url: endpoint.path,
      schema: schemaOf(endpoint),
      config: { endpoint },
      // A stream has no end that a HEAD request could wait for.
      exposeHeadRoute: !isStream(endpoint),
      // Before the body is read: strangers cannot make us parse.
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

/** The Fastify schema of an endpoint: what is validated and how answers are written. */
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
