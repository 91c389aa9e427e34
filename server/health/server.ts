/** The small HTTP server on HEALTH_PORT: health and metrics, for orchestrators and Prometheus. */
import { randomUUID } from 'node:crypto';
import fastify, { LogController, type FastifyBaseLogger, type FastifyInstance } from 'fastify';
import type { Logger } from 'pino';
import { signInRequired } from '../accounts/authenticate.ts';
import { answerBrokenConnections, handleError, handleNotFound } from '../http/error-handler.ts';
import { setSecurityHeaders } from '../http/security-headers.ts';
import { serveOn } from '../http/serve.ts';
import { serveHealth, type HealthDeps } from './routes.ts';

/** Everyone who can reach this port counts as an operator; it must not be public. */
export function buildOperatorHttp(deps: Omit<HealthDeps, 'isOperator'> & { readonly log: Logger }): FastifyInstance {
  const loggerInstance: FastifyBaseLogger = deps.log;
  const app = fastify({
    loggerInstance,
    logController: new LogController({ disableRequestLogging: true }),
    forceCloseConnections: true,
    frameworkErrors: (error, request, reply) => void handleError(error, request, reply),
    clientErrorHandler: answerBrokenConnections(randomUUID),
  });
  setSecurityHeaders(app);
  app.setErrorHandler(handleError);
  app.setNotFoundHandler(handleNotFound);
  const nobody = async () => {
    throw signInRequired();
  };
  const serve = serveOn(app, {
    bearer: nobody,
    ticket: nobody,
    session: nobody,
    roleOf: nobody,
    admit: () => undefined,
  });
  serveHealth(serve, { ...deps, isOperator: () => true });
  return app;
}
