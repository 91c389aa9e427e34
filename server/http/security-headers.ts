/** Headers that keep browsers from doing with an answer what it is not meant for. */
import type { FastifyInstance } from 'fastify';

/** On every answer, whoever writes it: it is what its media type says, and nothing else. */
export const onEveryAnswer = { 'x-content-type-options': 'nosniff' } as const;

/** Register before anything that answers. */
export function setSecurityHeaders(app: FastifyInstance): void {
  app.addHook('onRequest', (request, reply, done) => {
    reply.headers(onEveryAnswer);
    const { endpoint } = request.routeOptions.config;
    // Whatever keeps copies of answers must not keep this one.
    if (endpoint?.holdsSecret) reply.header('cache-control', 'no-store');
    // Only the person's own browser may, and asks each time whether it still holds.
    else if (endpoint && endpoint.auth !== 'none') reply.header('cache-control', 'private, no-cache');
    done();
  });
}
