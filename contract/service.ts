/** The service about itself: name, health. */
import { Type, type Static } from 'typebox';
import { endpoint } from './endpoint.ts';
import { Nullable } from './shapes.ts';

export const ServiceInfo = Type.Object(
  {
    name: Type.String({ examples: ['Pollux'] }),
    version: Type.String({ examples: ['1.0.0'] }),
    status: Type.Literal('ok'),
    docs: Nullable(
      Type.String({ description: 'Where the API is described; null where that is not public.', examples: ['/docs'] }),
    ),
  },
  { title: 'ServiceInfo' },
);

const CheckState = Type.Enum(['ok', 'degraded', 'failed']);

export const Readiness = Type.Object(
  {
    status: CheckState,
    checks: Type.Optional(
      Type.Record(Type.String(), Type.Object({ status: CheckState, detail: Type.Optional(Type.String()) }), {
        description: 'What the service stands on, by name. In production for the operator alone.',
        examples: [{ database: { status: 'ok' }, queue: { status: 'ok' } }],
      }),
    ),
  },
  { title: 'Readiness' },
);
export type Readiness = Static<typeof Readiness>;

export const readService = endpoint({
  method: 'GET',
  path: '/',
  operationId: 'readService',
  tag: 'Service',
  summary: 'What runs here',
  description: 'Name and version. A browser that asks for HTML is sent on to a page where there is one.',
  auth: 'none',
  standsAlone: true,
  answers: {
    200: { description: 'The service.', body: ServiceInfo },
    302: {
      description: 'For a browser.',
      headers: { location: { description: 'The page.', schema: Type.String({ examples: ['/docs'] }) } },
    },
  },
  problems: [],
});

export const live = endpoint({
  method: 'GET',
  path: '/health/live',
  operationId: 'readLiveness',
  tag: 'Service',
  summary: 'Is the process alive',
  description: 'Answers while the event loop turns; touches nothing else.',
  auth: 'none',
  standsAlone: true,
  answers: { 200: { description: 'Alive.', body: Type.Object({ status: Type.Literal('ok') }) } },
  problems: [],
});

export const readMetrics = endpoint({
  method: 'GET',
  path: '/metrics',
  operationId: 'readMetrics',
  tag: 'Service',
  summary: 'For Prometheus',
  description:
    'Requests, queue, replies, model and process in the Prometheus text format. In production for the operator alone, with `METRICS_TOKEN` as bearer token or on `HEALTH_PORT`: to others it does not exist.',
  auth: 'none',
  standsAlone: true,
  answers: {
    200: {
      description: 'The metrics.',
      body: Type.String({ examples: ['pollux_queue_depth 0\n'] }),
      mediaType: 'text/plain',
    },
  },
  problems: ['not_found'],
});

export const ready = endpoint({
  method: 'GET',
  path: '/health/ready',
  operationId: 'readReadiness',
  tag: 'Service',
  summary: 'Can it serve',
  description:
    'Proves the database with a query and the queue with a round trip. `degraded` still serves: work is found by sweep. Not ready is a 503 problem that names the check.',
  auth: 'none',
  answers: {
    200: { description: 'Ready, perhaps degraded.', body: Readiness },
  },
  problems: [],
});
