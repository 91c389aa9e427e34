/** A worker's small HTTP server: health and metrics, for orchestrators and Prometheus. */
import { randomUUID } from 'node:crypto';
import fastify, { LogController, type FastifyBaseLogger, type FastifyInstance } from 'fastify';
import { answerBrokenConnections, handleError, handleNotFound } from './http/error-handler.ts';
import { setSecurityHeaders } from './http/security-headers.ts';
import { serveOn } from './http/serve.ts';
import { signInRequired } from './accounts/authenticate.ts';
import { serveHealth, type ServiceDeps } from './service/routes.ts';

export function buildHealthHttp(deps: Omit<ServiceDeps, 'version'>): FastifyInstance {
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
  serveHealth(serveOn(app, { bearer: nobody, ticket: nobody, session: nobody, admit: () => undefined }), deps);
  return app;
}
