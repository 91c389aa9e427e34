/** A span for each request, child of the caller's trace if it sends `traceparent`. */
import type { FastifyInstance } from 'fastify';
import type { TraceSpan, Tracing } from '../ports/tracing.ts';

declare module 'fastify' {
  interface FastifyRequest {
    /** Absent while tracing is off. */
    span?: TraceSpan;
  }
}

/** Registered only when tracing is on. */
export function traceRequests(app: FastifyInstance, tracing: Tracing): void {
  app.addHook('onRequest', (request, _reply, done) => {
    const { traceparent } = request.headers;
    const route = request.routeOptions.url ?? 'none';
    request.span = tracing.start(
      `${request.method} ${route}`,
      'server',
      typeof traceparent === 'string' ? traceparent : null,
      {
        'http.request.method': request.method,
        'http.route': route,
        'pollux.request_id': request.id,
      },
    );
    done();
  });
  app.addHook('onResponse', (request, reply, done) => {
    request.span?.end({ 'http.response.status_code': reply.statusCode });
    done();
  });
}
