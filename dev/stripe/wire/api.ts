/** The REST API: key, version, idempotency and faults around one operation, done in one piece. */
import { Stripe } from 'stripe';
import { customerRoutes } from '../routes/customers.ts';
import { catalogRoutes } from '../routes/catalog.ts';
import { endpointRoutes } from '../routes/endpoints.ts';
import { eventRoutes } from '../routes/events.ts';
import { invoiceRoutes } from '../routes/invoices.ts';
import { paymentRoutes } from '../routes/payments.ts';
import { reversalRoutes } from '../routes/reversals.ts';
import { sessionRoutes } from '../routes/sessions.ts';
import { subscriptionRoutes } from '../routes/subscriptions.ts';
import { advanceTo } from '../model/timeline.ts';
import type { World } from '../world.ts';
import { answerOf, errorAnswer, type Answer } from './answer.ts';
import { ApiError, invalid } from './errors.ts';
import { expanded } from './expand.ts';
import type { Fault, Faults } from './faults.ts';
import type { Idempotency } from './idempotency.ts';
import { onlyKnown, parseForm, type Params } from './params.ts';
import { routeFor, type Route } from './route.ts';

const routes: readonly Route[] = [
  ...customerRoutes,
  ...catalogRoutes,
  ...sessionRoutes,
  ...subscriptionRoutes,
  ...invoiceRoutes,
  ...paymentRoutes,
  ...reversalRoutes,
  ...eventRoutes,
  ...endpointRoutes,
];

interface ApiRequest {
  readonly method: string;
  readonly path: string;
  /** The query string or the body, whichever carries the parameters. */
  readonly encoded: string;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly signal: AbortSignal;
}

/** A request as a test may look it up afterwards. `status` is 0 when the connection was cut. */
export interface RecordedCall {
  readonly method: string;
  readonly path: string;
  readonly params: Params;
  readonly idempotencyKey: string | null;
  readonly status: number;
  readonly replayed: boolean;
}

export interface Api {
  readonly calls: RecordedCall[];
  /** Resolves to null when the connection is to be cut. */
  handle(request: ApiRequest): Promise<Answer | null>;
}

export function createApi(world: World, secretKey: string, faults: Faults, idempotency: Idempotency): Api {
  const calls: RecordedCall[] = [];
  return {
    calls,
    handle: async (request) => {
      const requestId = world.newId('req');
      const answer = await answerTo(request, requestId).catch(toAnswer);
      const replayed = answer?.headers['Idempotent-Replayed'] === 'true';
      const { method, path, encoded } = request;
      const idempotencyKey = header(request, 'idempotency-key') ?? null;
      calls.push({ method, path, params: parseForm(encoded), idempotencyKey, status: answer?.status ?? 0, replayed });
      if (answer === null) return null;
      const headers: Record<string, string> = { ...commonHeaders, 'Request-Id': requestId, ...answer.headers };
      if (idempotencyKey !== null) headers['Idempotency-Key'] = idempotencyKey;
      return { ...answer, headers };
    },
  };

  async function answerTo(request: ApiRequest, requestId: string): Promise<Answer | null> {
    authenticate(header(request, 'authorization'), secretKey);
    checkVersion(header(request, 'stripe-version'));
    const { method, path } = request;
    const taken = faults.take(method, path);
    const early = taken.find((fault) => fault.status === 429);
    if (early) return faultAnswer(early);
    const key = method === 'POST' ? header(request, 'idempotency-key') : undefined;
    const stored = key === undefined ? null : idempotency.begin(key, path, request.encoded, requestId);
    if (stored) return taken.some(({ drop }) => drop) ? null : replay(stored);
    try {
      await faults.pass(method, path, taken, request.signal);
      const fault = taken.find((one) => one.status !== undefined || one.drop);
      if (fault && !fault.afterWork) return faultAnswer(fault);
      const answer = work(request, { id: requestId, idempotency_key: key ?? null });
      const headers = { ...answer.headers, 'Original-Request': requestId };
      if (key !== undefined && isKept(answer)) idempotency.save(key, { ...answer, headers });
      return fault ? faultAnswer(fault) : answer;
    } finally {
      if (key !== undefined) idempotency.releaseUnlessSaved(key);
    }
  }

  function work(request: ApiRequest, origin: NonNullable<World['request']>): Answer {
    const found = routeFor(routes, request.method, request.path);
    if (!found) return errorAnswer(unrecognised(request));
    advanceTo(world, world.now());
    world.request = origin;
    try {
      const params = parseForm(request.encoded);
      onlyKnown(params, [...found.route.accepts, 'expand']);
      const result = found.route.run({ world, params, id: found.id });
      return answerOf(200, expanded(world, result, params));
    } catch (error) {
      return toAnswer(error);
    } finally {
      world.request = null;
    }
  }
}

const commonHeaders = { 'Content-Type': 'application/json', 'Stripe-Version': Stripe.API_VERSION };

/** Stripe stores the outcome of an operation, including a decline, but not a request that it rejected. */
function isKept(answer: Answer): boolean {
  return answer.status === 200 || answer.status === 402;
}

function replay(stored: { answer: Answer; requestId: string }): Answer {
  const headers = {
    ...stored.answer.headers,
    'Idempotent-Replayed': 'true',
    'Original-Request': stored.requestId,
  };
  return { ...stored.answer, headers };
}

function faultAnswer(fault: Fault): Answer | null {
  if (fault.drop) return null;
  const status = fault.status ?? 500;
  const headers: Record<string, string> = {};
  if (fault.shouldRetry !== undefined) headers['Stripe-Should-Retry'] = String(fault.shouldRetry);
  if (status === 429) {
    const error = {
      type: 'invalid_request_error',
      code: 'rate_limit',
      message: 'Too many requests. Please slow down.',
    };
    return answerOf(429, { error }, { 'Retry-After': '1', ...headers });
  }
  const message = 'An unknown error occurred (injected by the fake Stripe).';
  return answerOf(status, { error: { type: 'api_error', message } }, headers);
}

function toAnswer(error: unknown): Answer {
  if (error instanceof ApiError) return errorAnswer(error);
  throw error;
}

function header(request: ApiRequest, name: string): string | undefined {
  const value = request.headers[name];
  return typeof value === 'string' ? value : undefined;
}

function authenticate(authorization: string | undefined, secretKey: string): void {
  if (authorization === undefined) {
    const message = 'You did not provide an API key. Provide it in the Authorization header, using Bearer auth.';
    throw new ApiError(401, { type: 'invalid_request_error', message });
  }
  const key = authorization.replace(/^Bearer /, '');
  if (key === secretKey) return;
  const message = `Invalid API Key provided: ${key.slice(0, 8)}****${key.slice(-4)}`;
  throw new ApiError(401, { type: 'invalid_request_error', message });
}

function checkVersion(version: string | undefined): void {
  if (version === undefined || version === Stripe.API_VERSION) return;
  throw invalid(`Invalid Stripe API version: ${version} (the fake speaks ${Stripe.API_VERSION} only)`);
}

function unrecognised(request: ApiRequest): ApiError {
  const message = `Unrecognized request URL (${request.method}: ${request.path}), or one the fake Stripe does not model.`;
  return new ApiError(404, { type: 'invalid_request_error', message });
}
