/** The HTTP server: Fastify, its plugins and the features' routes. */
import { randomUUID } from 'node:crypto';
import cookie from '@fastify/cookie';
import cors from '@fastify/cors';
import fastify, { LogController, type FastifyBaseLogger, type FastifyInstance } from 'fastify';
import type { Logger } from 'pino';
import { bodyLimits } from '../contract/endpoint.ts';
import { maxFrameBytes, openSocket } from '../contract/socket.ts';
import { admission } from './accounts/admission.ts';
import { authenticateBearer, authenticateSession } from './accounts/authenticate.ts';
import { serveAccounts, type AccountDeps } from './accounts/routes.ts';
import { promoteAdmins } from './accounts/admins.ts';
import { serveAdmin, type AdminHttpDeps } from './admin/routes.ts';
import { serveChatrooms } from './chatrooms/routes.ts';
import type { Config } from './config/config.ts';
import type { LiveConnections } from './events/connections.ts';
import { serveEvents } from './events/routes.ts';
import { serveFiles } from './files/routes.ts';
import { bytesRemover } from './files/sweep.ts';
import type { FileDeps } from './files/upload.ts';
import { redeemTicket } from './events/tickets.ts';
import { takeJsonOnly } from './http/bodies.ts';
import { addressesIn } from './http/client-address.ts';
import { dropUnusedConnections, takeWaitingConnections } from './http/close-in-time.ts';
import { registerDocs } from './http/docs.ts';
import { answerBrokenConnections, handleError, handleNotFound, takeOddRequests } from './http/error-handler.ts';
import { operatorBy } from './http/operator.ts';
import { shedOverload } from './http/overload.ts';
import { logRequests } from './http/request-log.ts';
import { setSecurityHeaders } from './http/security-headers.ts';
import { serveOn, type Authentication } from './http/serve.ts';
import { socketsOn, upgradesOnly } from './http/sockets.ts';
import { traceRequests } from './http/trace-requests.ts';
import { cutUnreadAnswers } from './http/unread-answers.ts';
import { compileValidator } from './http/validation.ts';
import { serveWebClient } from './http/web-client.ts';
import type { AcceptDeps } from './messages/accept.ts';
import { serveMemories } from './memories/routes.ts';
import { serveMessages } from './messages/routes.ts';
import type { Metrics } from './health/metrics.ts';
import type { Presence } from './ports/presence.ts';
import type { Tracing } from './ports/tracing.ts';
import { serveModels, type ModelRoutesDeps } from './models/routes.ts';
import { serveQuotas } from './plans/routes.ts';
import { restoreUsage } from './plans/store.ts';
import { servePrivacy } from './privacy/routes.ts';
import { servePush, type PushDeps } from './push/routes.ts';
import type { PromptDeps } from './replies/prompt.ts';
import { serveReplies } from './replies/routes.ts';
import { serveShares, type ShareDeps } from './shares/routes.ts';
import { featuresOf } from './health/features.ts';
import { readiness, type ReadOutcomes } from './health/readiness.ts';
import { serveService, type ServiceDeps } from './health/routes.ts';
import { serveStatusPage } from './health/status-page.ts';
import { serveSearch } from './search/routes.ts';
import { checkEvents } from './subscriptions/event-store.ts';
import { serveSubscriptions, type SubscriptionDeps } from './subscriptions/routes.ts';
import { minClient } from './config/version.ts';

export interface HttpDeps
  extends
    Omit<AccountDeps, 'restoreUsage' | 'adminNumbers'>,
    AcceptDeps,
    FileDeps,
    Pick<PromptDeps, 'models'>,
    Pick<ModelRoutesDeps, 'catalog'>,
    ShareDeps,
    SubscriptionDeps,
    PushDeps,
    AdminHttpDeps {
  readonly config: Pick<Config, 'corsOrigins' | 'frontendUrl' | 'operator' | 'rates' | 'trustedProxies'>;
  readonly version: string;
  readonly log: Logger;
  readonly connections: LiveConnections;
  readonly presence: Presence;
  readonly metrics: Metrics;
  readonly readOutcomes: ReadOutcomes;
  readonly tracing: Tracing;
}

/** Longer than the usual idle timeout of proxies, so that they do not reuse a closed connection. */
const keepAliveTimeoutMs = { direct: 30_000, behindProxies: 75_000 };

const socketLimits = { maxFrameBytes, maxFragments: 16, closeWithinMs: 5000 };

export async function buildHttp(deps: HttpDeps): Promise<FastifyInstance> {
  const { config } = deps;
  const loggerInstance: FastifyBaseLogger = deps.log;
  const refuseBroken = answerBrokenConnections(randomUUID);
  const origins = allowedOrigins(config);
  const behindProxies = config.trustedProxies.length > 0;
  const app = fastify({
    loggerInstance,
    logController: new LogController({ disableRequestLogging: true }),
    genReqId: (request) => acceptedId(request.headers['x-request-id']) ?? randomUUID(),
    trustProxy: behindProxies ? addressesIn(config.trustedProxies) : false,
    bodyLimit: bodyLimits.bytes,
    requestTimeout: bodyLimits.timeoutMs,
    keepAliveTimeout: behindProxies ? keepAliveTimeoutMs.behindProxies : keepAliveTimeoutMs.direct,
    forceCloseConnections: 'idle',
    // While closing, requests on open connections are still handled.
    return503OnClosing: false,
    routerOptions: { maxParamLength: 200 },
    frameworkErrors: (error, request, reply) => void handleError(error, request, reply),
    clientErrorHandler: refuseBroken,
    http: { requireHostHeader: false, shouldUpgradeCallback: upgradesOnly([openSocket.path]) },
  });
  app.setValidatorCompiler(compileValidator);
  app.setErrorHandler(handleError);
  app.setNotFoundHandler(handleNotFound);
  setSecurityHeaders(app);
  takeJsonOnly(app);
  logRequests(app, deps.metrics);
  if (deps.tracing.on) traceRequests(app, deps.tracing);
  shedOverload(app, () => deps.metrics.requestShed());
  takeOddRequests(app);
  cutUnreadAnswers(app);
  dropUnusedConnections(app);
  await app.register(cors, {
    origin: origins,
    exposedHeaders: [
      'content-disposition',
      'etag',
      'idempotent-replayed',
      'link',
      'location',
      'ratelimit',
      'ratelimit-policy',
      'retry-after',
      'x-request-id',
    ],
    methods: ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'],
    maxAge: 3600,
  });
  await app.register(cookie);
  const service: ServiceDeps = {
    ...deps,
    isOperator: operatorBy(config.operator),
    publicDocs: config.operator.publicDocs,
    minClient,
    features: () => featuresOf(deps),
  };
  await registerDocs(app, service);
  await serveWebClient(app);
  app.addHook('preClose', () => deps.connections[Symbol.asyncDispose]());
  takeWaitingConnections(app);

  const { adminNumbers } = config.operator;
  await promoteAdmins(deps.db, adminNumbers);
  const signIn = { ...deps, restoreUsage, adminNumbers };
  const bearer = authenticateBearer(deps.tokens, deps.liveSessions);
  const authentication: Authentication = {
    bearer,
    session: authenticateSession(bearer, signIn),
    ticket: async (request) => {
      const { ticket } = request.query as { ticket?: unknown };
      return typeof ticket === 'string' ? redeemTicket(deps.db, ticket) : bearer(request);
    },
    roleOf: (userId) => deps.liveSessions.roleOf(userId),
    admit: admission(deps.limits, config.rates),
  };
  app.decorateRequest('caller', null);
  const serve = serveOn(app, authentication);
  serveService(serve, service);
  const billing = { name: 'billing', vital: false, run: () => checkEvents(deps.db) };
  const readBilling = deps.payments === null ? null : readiness([billing], deps.log);
  serveStatusPage(app, { ...deps, readBilling });
  serveAccounts(serve, signIn);
  serveQuotas(serve, deps);
  serveMemories(serve, deps);
  serveChatrooms(serve, { ...deps, removeBytes: bytesRemover(deps) });
  serveModels(serve, deps);
  serveFiles(serve, deps);
  serveMessages(serve, deps);
  serveReplies(serve, deps);
  serveShares(app, serve, deps);
  serveSearch(serve, deps);
  serveEvents(serve, socketsOn(app, socketLimits, { authentication, origins, refuse: refuseBroken }), deps);
  servePush(serve, deps);
  servePrivacy(serve, deps);
  serveSubscriptions(serve, deps);
  serveAdmin(serve, deps);
  return app;
}

/** Accepted `x-request-id` values; others are replaced. */
function acceptedId(id: string | string[] | undefined): string | null {
  return typeof id === 'string' && /^[\w.:-]{1,64}$/.test(id) ? id : null;
}

function allowedOrigins({ corsOrigins, frontendUrl }: HttpDeps['config']): string[] | '*' | false {
  if (corsOrigins.includes('*')) return '*';
  const origins = frontendUrl === null ? corsOrigins : [...corsOrigins, new URL(frontendUrl).origin];
  return origins.length > 0 ? [...origins] : false;
}
