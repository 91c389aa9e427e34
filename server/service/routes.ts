/** The service about itself: name and health. */
import type { Logger } from 'pino';
import * as contract from '../../contract/service.ts';
import type { Serve } from '../http/serve.ts';
import { hasWebClient } from '../http/web-client.ts';
import { ProblemError } from '../problem.ts';

/** A part the service stands on. */
export interface Check {
  readonly name: string;
  /** Without it nothing can be answered; without the others service goes on, degraded. */
  readonly vital: boolean;
  /** Rejects when the part does not do its work. */
  run(): Promise<void>;
}

/** Readable by Prometheus. */
export interface MetricsText {
  read(): Promise<string>;
  readonly contentType: string;
}

export interface ServiceDeps {
  readonly metrics: MetricsText;
  readonly version: string;
  readonly checks: readonly Check[];
  readonly log: Logger;
}

const timeoutMs = 2000;

/** What every process answers that listens at all, a worker's health port included. */
export function serveHealth(serve: Serve, { checks, metrics, log }: Omit<ServiceDeps, 'version'>): void {
  serve(contract.live, async () => ({ status: 'ok' as const }));

  serve(contract.readMetrics, async ({ reply }) => reply.type(metrics.contentType).send(await metrics.read()));

  serve(contract.ready, async () => {
    const outcomes = await Promise.all(checks.map(async (check) => ({ check, ok: await passes(check) })));
    const missing = outcomes.filter(({ check, ok }) => check.vital && !ok).map(({ check }) => check.name);
    if (missing.length > 0) {
      throw new ProblemError('service_unavailable', `Not ready: ${missing.join(', ')} cannot be reached.`, {
        retryAfterMs: 2000,
      });
    }
    const degraded = outcomes.some(({ ok }) => !ok);
    return {
      status: degraded ? ('degraded' as const) : ('ok' as const),
      checks: Object.fromEntries(
        outcomes.map(({ check, ok }) => [check.name, { status: ok ? ('ok' as const) : ('degraded' as const) }]),
      ),
    };
  });

  async function passes(check: Check): Promise<boolean> {
    const timeout = Promise.withResolvers<never>();
    const timer = setTimeout(() => timeout.reject(new Error('no answer in time')), timeoutMs);
    try {
      await Promise.race([check.run(), timeout.promise]);
      return true;
    } catch (error) {
      log.warn({ check: check.name, err: error }, 'a health check failed');
      return false;
    } finally {
      clearTimeout(timer);
    }
  }
}

/** Health, and what runs here. */
export function serveService(serve: Serve, deps: ServiceDeps): void {
  const { version } = deps;
  serve(contract.readService, async ({ request, reply }) => {
    const wantsPage = /\btext\/html\b/.test(request.headers.accept ?? '');
    // An explicit status: the route has set that of a success before. RFC 9110, section 15.4.3.
    if (wantsPage) return reply.redirect(`${hasWebClient ? '/app/' : '/docs'}${queryOf(request.url)}`, 302);
    return { name: 'Pollux', version, status: 'ok' as const, docs: '/docs' };
  });

  serveHealth(serve, deps);
}

/** The query of a request's target with its question mark, empty when it has none. */
function queryOf(url: string): string {
  const start = url.indexOf('?');
  return start === -1 ? '' : url.slice(start);
}
