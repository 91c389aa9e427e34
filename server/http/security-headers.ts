/** Security headers. */
import type { FastifyInstance } from 'fastify';

/** Set on every response, those written outside Fastify included. */
export const onEveryAnswer = { 'x-content-type-options': 'nosniff' } as const;

/** Must be registered before all routes. */
export function setSecurityHeaders(app: FastifyInstance): void {
  app.addHook('onRequest', (request, reply, done) => {
    reply.headers(onEveryAnswer);
    const { endpoint } = request.routeOptions.config;
    // Responses with secrets must not be cached.
    if (endpoint?.holdsSecret) reply.header('cache-control', 'no-store');
    // Only the user's own browser may store it, and must revalidate it.
    else if (endpoint && endpoint.auth !== 'none') reply.header('cache-control', 'private, no-cache');
    else if (endpoint?.conditional) reply.header('cache-control', 'no-cache');
    done();
  });
}
