/** Sheds load before the process falls over: better one honest 503 than a hundred answers that come too late. */
import type { FastifyInstance } from 'fastify';
import { ProblemError } from '../problem.ts';

/** More requests than this under way at once cannot be answered in reasonable time. */
const maxInFlight = 1000;
/** The event loop lags this much behind: everything already takes too long. */
const maxLagMs = 500;
const sampleEveryMs = 50;
/** One long step, as at start, is over by the time it is noticed; load shows in one sample after another. */
const laggingSamples = 3;
/** Who is refused together shall not come back together. */
const retryAfterSeconds = [1, 2, 3, 4];
/** Made once: where thousands are refused a second, the stack of each error would cost more than all else. */
const refusals = retryAfterSeconds.map(
  (seconds) =>
    new ProblemError('overloaded', 'This server has more to do than it can. Try again in a moment.', {
      retryAfterMs: seconds * 1000,
    }),
);

/**
 * Beside what stands alone: readiness and metrics stay quick, so that an overloaded process is not taken for a dead
 * one, and an open stream is no load of this kind.
 */
const unlimited = new Set(['/health/ready', '/metrics', '/events']);

export function shedOverload(app: FastifyInstance, onShed: () => void): void {
  let laggedSamples = 0;
  let inFlight = 0;
  let refused = 0;
  let sampledAt = performance.now();
  // Not `monitorEventLoopDelay`: after a reset it sees nothing of a loop whose every turn is longer than the sample.
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
    /** It is among the requests under way. */
    counted: boolean;
  }
}
