/** Registers WebSocket endpoints of the contract: everything is checked before the connection changes its protocol. */
import type { IncomingMessage, Server } from 'node:http';
import type { Socket as Connection } from 'node:net';
import websocket from '@fastify/websocket';
import type {
  FastifyInstance,
  FastifyRequest,
  RouteOptions,
  onRequestAsyncHookHandler,
  preHandlerAsyncHookHandler,
} from 'fastify';
import type { WebSocket } from 'ws';
import type { Endpoint, Query } from '../../contract/endpoint.ts';
import { ProblemError } from '../problems/problem.ts';
import { authenticateFirst, schemaOf, type Authentication, type Caller } from './serve.ts';

export interface SocketLimits {
  readonly maxFrameBytes: number;
  /** Maximum number of frames of one message. */
  readonly maxFragments: number;
  /** Time for the other side to answer a close; then the connection is cut. */
  readonly closeWithinMs: number;
}

export interface SocketCall<E extends Endpoint> {
  readonly caller: Caller;
  readonly query: Query<E>;
  readonly request: FastifyRequest;
  /** An open connection. It closes itself with the codes of RFC 6455 when frames violate the protocol or the limits. */
  readonly socket: WebSocket;
}

export type ServeSocket = <E extends Endpoint>(endpoint: E, handler: (call: SocketCall<E>) => void) => void;

export interface SocketDeps {
  readonly authentication: Authentication;
  /** Origins of web pages that may connect, beside the server's own. */
  readonly origins: readonly string[] | '*' | false;
  /** Answers a handshake that is malformed. */
  readonly refuse: (error: Error, connection: Connection) => void;
}

/** The setting of Node's server with which only these paths become WebSockets; other requests ignore `Upgrade` (RFC 9110, section 7.8). */
export function upgradesOnly(paths: readonly string[]) {
  return function shouldUpgrade(this: Server, request: IncomingMessage): boolean {
    const [path = ''] = (request.url ?? '').split('?', 1);
    // During shutdown there is no listener, and Node would drop the connection.
    return wantsSocket(request) && paths.includes(path) && this.listenerCount('upgrade') > 0;
  };
}

/** Returns the function with which features register WebSockets on `app`. */
export function socketsOn(
  app: FastifyInstance,
  limits: SocketLimits,
  { authentication, origins, refuse }: SocketDeps,
): ServeSocket {
  const routes: RouteOptions[] = [];
  // Its types lack `closeTimeout` and `maxFragments`, so that a literal in place would be refused.
  const options = {
    maxPayload: limits.maxFrameBytes,
    maxFragments: limits.maxFragments,
    closeTimeout: limits.closeWithinMs,
    handleProtocols: () => false as const,
    clientTracking: false,
  };
  // In a separate scope, since the plugin wraps the handler of every route in its scope.
  void app.register(async (scope) => {
    await scope.register(websocket, {
      // Malformed frames are not errors of the server; the library has closed the connection.
      errorHandler: (error, _socket, request) => request.log.debug({ err: error }, 'a WebSocket ended'),
      // Features close their own connections.
      preClose: (done) => done(),
      options,
    });
    scope.websocketServer.on('wsClientError', (error, connection) => refuse(error, connection as Connection));
    for (const route of routes) scope.route(route);
  });

  const refuseOrigin: onRequestAsyncHookHandler = async (request) => {
    const { origin } = request.headers;
    if (origin !== undefined && !isAllowed(origin, request.host, origins))
      throw new ProblemError('forbidden', { reason: 'origin' });
  };

  return (endpoint, handler) => {
    const authenticate = authenticateFirst(endpoint, authentication);
    routes.push({
      method: 'GET',
      url: endpoint.path,
      schema: schemaOf(endpoint),
      config: { endpoint },
      exposeHeadRoute: false,
      onRequest: [refuseOrigin, ...authenticate],
      preHandler: finishWithConnection,
      async handler({ raw }) {
        // Requested while this server closes.
        if (wantsSocket(raw)) throw new ProblemError('overloaded', { retryAfterMs: 1000 });
        throw new ProblemError('upgrade_required', {
          headers: { connection: 'upgrade', upgrade: 'websocket', 'sec-websocket-version': '13' },
        });
      },
      wsHandler(socket, request) {
        const { caller, query } = request;
        handler({ caller, query, request, socket } as Parameters<typeof handler>[0]);
      },
    });
  };
}

/** Nothing else ends the response of an upgraded request; logs, metrics and traces wait for its end. */
const finishWithConnection: preHandlerAsyncHookHandler = async (request, reply) => {
  if (!request.ws) return;
  reply.code(101);
  request.raw.socket.once('close', () => reply.raw.emit('finish'));
};

/** RFC 6455, section 4.2.1, and the one version that is in use. */
function wantsSocket({ method, headers }: IncomingMessage): boolean {
  return (
    method === 'GET' && headers.upgrade?.toLowerCase() === 'websocket' && headers['sec-websocket-version'] === '13'
  );
}

/** Browsers send `Origin` with every handshake, and no cross-origin check of their own (RFC 6455, section 10.2). */
function isAllowed(origin: string, host: string, origins: SocketDeps['origins']): boolean {
  if (origins === '*' || (origins && origins.includes(origin))) return true;
  // The scheme is not compared: a proxy that ends TLS may not say so.
  return URL.canParse(origin) && new URL(origin).host === host.toLowerCase();
}
