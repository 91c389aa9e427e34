/** Service information, health and metrics. */
import { Type, type Static } from 'typebox';
import { endpoint } from './endpoint.ts';
import { Nullable, Timestamp } from './shapes.ts';

/** Features a server can report. Stable: add, never rename. Clients ignore unknown ones. */
export const features = {
  billing: 'Pro can be bought.',
  conditional_requests: 'Rooms, messages and plans carry `ETag` and answer 304.',
  cookie_sessions: "`X-Session: cookie` keeps a browser's refresh token in a cookie.",
  demo_model: 'Answers are those of the demo model.',
  languages: 'Problems and failed replies follow `Accept-Language`.',
  live_events: 'There is a live feed, for browsers through a ticket.',
  live_socket: 'The live feed is also a WebSocket, `GET /ws`.',
  push: 'Browsers are told of answers by push messages (`GET /push/key`).',
  models: 'The model of a message or room can be chosen (`GET /models`).',
  web_client: 'The web client is served under `/app/`.',
} as const;
export type Feature = keyof typeof features;

export const ServiceInfo = Type.Object(
  {
    name: Type.String({ examples: ['Pollux'] }),
    version: Type.String({ examples: ['1.0.0'] }),
    status: Type.Literal('ok'),
    docs: Nullable(
      Type.String({ description: 'Path of the API documentation; null if it is not public.', examples: ['/docs'] }),
    ),
    time: Type.String({ ...Timestamp, description: "This server's clock." }),
    min_client: Type.String({
      description: 'The oldest web client that works with this server.',
      examples: ['0.1.0'],
    }),
    features: Type.Array(Type.Enum(Object.keys(features) as Feature[]), {
      description: `What this server can do. ${Object.entries(features)
        .map(([word, meaning]) => `\`${word}\`: ${meaning}`)
        .join(' ')}`,
      examples: [['cookie_sessions', 'live_events']],
    }),
  },
  { title: 'ServiceInfo' },
);

export type ServiceInfo = Static<typeof ServiceInfo>;

const CheckState = Type.Enum(['ok', 'degraded', 'failed']);

export const Readiness = Type.Object(
  {
    status: CheckState,
    checks: Type.Optional(
      Type.Record(Type.String(), Type.Object({ status: CheckState, detail: Type.Optional(Type.String()) }), {
        description: 'Dependencies by name. In production for operators only.',
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
  summary: 'Service information',
  description:
    'Name, version and what this server can do. A browser that asks for HTML is sent on to a page where there is one.',
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
  summary: 'Liveness',
  description: 'Succeeds while the event loop runs. Checks nothing else.',
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
  summary: 'Metrics for Prometheus',
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
  summary: 'Readiness',
  description:
    'Proves the database with a query and the queue with a round trip. `degraded` still serves: work is found by sweep. Not ready is a 503 problem that names the check.',
  auth: 'none',
  answers: {
    200: { description: 'Ready, possibly degraded.', body: Readiness },
  },
  problems: [],
});
