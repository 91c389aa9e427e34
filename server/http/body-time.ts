/** Ends requests whose body takes too long to arrive. */
import type { Server } from 'node:http';
import type { preParsingHookHandler } from 'fastify';
import { ProblemError } from '../problems/problem.ts';

/**
 * Returns the hook for a route. Node limits whole requests, for all routes alike and only every 30 s; that limit is raised where
 * it would be shorter. Throws `request_timeout`, and the connection is closed.
 */
export function limitBodyTime(server: Server, timeoutMs: number): preParsingHookHandler {
  server.requestTimeout = Math.max(server.requestTimeout, timeoutMs);
  return (_request, _reply, payload, done) => {
    // Not destroyed with the error, which would close the connection before the answer.
    const timer = setTimeout(() => payload.emit('error', new ProblemError('request_timeout')), timeoutMs);
    const stop = () => clearTimeout(timer);
    // Also keeps an error that the reader no longer listens to from ending the process.
    payload.once('end', stop).once('close', stop).on('error', stop);
    done(null, payload);
  };
}
