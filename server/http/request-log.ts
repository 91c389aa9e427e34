/** Logs and measures each request, and sets `x-request-id`. */
import type { FastifyInstance } from 'fastify';
import { ProblemError } from '../problems/problem.ts';

export interface RequestMeter {
  request(method: string, route: string, status: number, seconds: number): void;
  quotaRefused(): void;
  budgetRefused(): void;
}

/** Logs the route instead of the URL, which may contain tickets and cursors. */
export function logRequests(app: FastifyInstance, meter: RequestMeter): void {
  app.addHook('onRequest', (request, reply, done) => {
    reply.header('x-request-id', request.id);
    done();
  });
  app.addHook('onError', (_request, _reply, error, done) => {
    if (error instanceof ProblemError && error.code === 'daily_limit_reached') meter.quotaRefused();
    if (error instanceof ProblemError && error.code === 'budget_reached') meter.budgetRefused();
    done();
  });
  app.addHook('onResponse', (request, reply, done) => {
    const route = request.routeOptions.url ?? 'none';
    meter.request(request.method, route, reply.statusCode, reply.elapsedTime / 1000);
    const line = {
      method: request.method,
      route,
      status: reply.statusCode,
      ms: Math.round(reply.elapsedTime * 10) / 10,
      user_id: request.caller?.userId,
    };
    if (reply.statusCode >= 500) request.log.warn(line, 'answered');
    else request.log.info(line, 'answered');
    done();
  });
}
