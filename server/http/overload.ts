/** Sheds load with 503 and `Retry-After` before requests time out. */
import type { FastifyInstance } from 'fastify';
import { ProblemError } from '../problems/problem.ts';

/** Requests in progress above which further ones are refused. */
const maxInFlight = 1000;
/** Event-loop lag above which requests are refused. */
const maxLagMs = 500;
const sampleEveryMs = 50;
/** A single long task, as at start, does not count: only consecutive samples do. */
const laggingSamples = 3;
/** Spreads retries so that clients do not return at once. */
const retryAfterSeconds = [1, 2, 3, 4];
/** Created once: at thousands of refusals a second, capturing a stack for each would dominate. */
const refusals = retryAfterSeconds.map((seconds) => new ProblemError('overloaded', { retryAfterMs: seconds * 1000 }));

/**
 * Not limited: health and metrics, so that an overloaded process is not restarted as dead, and open streams.
 */
const unlimited = new Set(['/health/ready', '/metrics', '/events', '/ws']);

export function shedOverload(app: FastifyInstance, onShed: () => void): void {
  let laggedSamples = 0;
  let inFlight = 0;
  let refused = 0;
  let sampledAt = performance.now();
  // `monitorEventLoopDelay` records nothing after a reset while every turn of the loop is longer than its resolution.
  const timer = setInterval(() => {
    const now = performance.now();
    laggedSamples = now - sampledAt - sampleEveryMs > maxLagMs ? laggedSamples + 1 : 0;
    sampledAt = now;
  }, sampleEveryMs).unref();
  app.addHook('onClose', async () => clearInterval(timer));

  app.addHook('onRequest', (request, _reply, done) => {
    const { url = '', config } = request.routeOptions;
    if (unlimited.has(url) || config.endpoint?.standsAlone) {
      done();
      return;
    }
    request.counted = true;
    inFlight++;
    if (inFlight <= maxInFlight && laggedSamples < laggingSamples) {
      done();
      return;
    }
    onShed();
    done(refusals[refused++ % refusals.length]);
  });
  const leave = (request: { counted: boolean }) => {
    if (!request.counted) return;
    request.counted = false;
    inFlight--;
  };
  app.decorateRequest('counted', false);
  app.addHook('onResponse', (request, _reply, done) => {
    leave(request);
    done();
  });
  app.addHook('onRequestAbort', (request, done) => {
    leave(request);
    done();
  });
}

declare module 'fastify' {
  interface FastifyRequest {
    /** The request is counted as in progress. */
    counted: boolean;
  }
}
