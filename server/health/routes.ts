/** HTTP routes of the service: name, health and metrics. */
import { catalogSchema, readCatalogSchema } from '../../contract/catalog.ts';
import * as contract from '../../contract/service.ts';
import type { Feature } from '../../contract/service.ts';
import type { IsOperator } from '../http/operator.ts';
import type { Serve } from '../http/serve.ts';
import { hasWebClient } from '../http/web-client.ts';
import { notFound, ProblemError } from '../problems/problem.ts';
import type { ReadOutcomes } from './readiness.ts';

/** Metrics for Prometheus. */
export interface MetricsText {
  read(): Promise<string>;
  readonly contentType: string;
}

export interface HealthDeps {
  readonly metrics: MetricsText;
  readonly readOutcomes: ReadOutcomes;
  readonly isOperator: IsOperator;
}

export interface ServiceDeps extends HealthDeps {
  readonly version: string;
  /** The API documents are public. */
  readonly publicDocs: boolean;
  readonly minClient: string;
  /** At this moment. */
  readonly features: () => readonly Feature[];
}

/** Health routes, on the API's port and on the operator's. */
export function serveHealth(serve: Serve, { readOutcomes, metrics, isOperator }: HealthDeps): void {
  serve(contract.live, async () => ({ status: 'ok' as const }));

  serve(contract.readMetrics, async ({ request, reply }) => {
    if (!isOperator(request)) throw notFound();
    return reply.type(metrics.contentType).send(await metrics.read());
  });

  serve(contract.ready, async ({ request }) => {
    const outcomes = await readOutcomes();
    const detailed = isOperator(request);
    const missing = outcomes.filter(({ check, ok }) => check.vital && !ok).map(({ check }) => check.name);
    if (missing.length > 0) {
      const told = detailed ? { reason: 'checks', values: { checks: missing.join(', ') } } : { reason: 'readiness' };
      throw new ProblemError('service_unavailable', { ...told, retryAfterMs: 2000 });
    }
    const checks = outcomes.map(({ check, ok }) => [check.name, { status: statusOf(ok) }] as const);
    return {
      status: statusOf(outcomes.every(({ ok }) => ok)),
      ...(detailed && { checks: Object.fromEntries(checks) }),
    };
  });
}

function statusOf(ok: boolean): 'ok' | 'degraded' {
  return ok ? 'ok' : 'degraded';
}

/** Health routes and `GET /`. */
export function serveService(serve: Serve, deps: ServiceDeps): void {
  const { version, publicDocs, minClient, features } = deps;
  const docs = publicDocs ? '/docs' : null;
  serve(contract.readService, async ({ request, reply }) => {
    const wantsPage = /\btext\/html\b/.test(request.headers.accept ?? '');
    // RFC 9110, section 15.4.3. An explicit status, since the route has set 200.
    const page = hasWebClient ? '/app/' : docs;
    if (wantsPage && page !== null) return reply.redirect(`${page}${queryOf(request.url)}`, 302);
    return {
      name: 'Pollux',
      version,
      status: 'ok' as const,
      docs,
      time: new Date().toISOString(),
      min_client: minClient,
      features: [...features()],
    };
  });

  serve(readCatalogSchema, async ({ reply }) => reply.type('application/schema+json; charset=utf-8').send(catalogText));

  serveHealth(serve, deps);
}

const catalogText = JSON.stringify(catalogSchema, null, 2);

/** The query string with its question mark; empty if there is none. */
function queryOf(url: string): string {
  const start = url.indexOf('?');
  return start === -1 ? '' : url.slice(start);
}
