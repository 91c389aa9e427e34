/** Delivery of events to webhook endpoints: automatic until they answer 2xx, or on request in any order and number. */
import { setTimeout as delay } from 'node:timers/promises';
import type { EventRecord } from '../records.ts';
import type { World } from '../world.ts';
import { signedRequest, type SignatureKind, type SignedRequest } from './signing.ts';
import { notificationOf, thinOf } from './thin.ts';

export interface Endpoint {
  readonly url: string;
  readonly secret: string;
  /** Receives thin v2 notifications instead of snapshot events. */
  readonly thin?: boolean;
  /** The event types it subscribed to; default all. */
  readonly types?: readonly string[];
}

interface DeliveryOptions {
  /** How often the same event is sent, one after the other; default 1. */
  readonly times?: number;
  readonly signature?: SignatureKind;
  /** Added to the signed timestamp; negative is the past. */
  readonly timestampOffsetSeconds?: number;
  /** Sends to the endpoint for thin events. */
  readonly thin?: boolean;
}

interface DeliveryResult {
  readonly eventId: string;
  readonly type: string;
  readonly url: string;
  /** The endpoint's status; 0 when it could not be reached in time. */
  readonly status: number;
  readonly body: string;
  readonly durationMs: number;
}

/** Sends a request to the endpoint; replace it to inject into a server that does not listen. */
export type Send = (request: SignedRequest, signal: AbortSignal) => Promise<{ status: number; body: string }>;

export interface Deliveries {
  /** Push to it to add one; events from then on go there too. */
  readonly endpoints: Endpoint[];
  /** Every attempt so far, oldest first. */
  readonly log: DeliveryResult[];
  /** Events some endpoint has not taken yet, oldest first, dropped ones left out. */
  pendingEvents(): EventRecord[];
  /** Sends an event now, whether or not it was sent before. */
  deliver(eventId: string, options?: DeliveryOptions): Promise<DeliveryResult[]>;
  /** The signed request without sending it. */
  request(eventId: string, options?: DeliveryOptions): SignedRequest;
  /** Loses an event for good: no endpoint will get it. */
  drop(eventId: string): void;
  /** Resolves when no automatic delivery is under way. */
  settled(): Promise<void>;
  clear(): void;
}

export interface DeliverySettings {
  /** True: every event is sent automatically as soon as it exists, and again after each delay until it is accepted. */
  readonly automatic: boolean;
  readonly endpoints: readonly Endpoint[];
  readonly retryDelaysMs: readonly number[];
  readonly timeoutMs: number;
  /** Epoch milliseconds for signatures: the wall clock the receiver checks against. */
  readonly wallNowMs: () => number;
  readonly send: Send;
}

export function createDeliveries(world: World, settings: DeliverySettings, closing: AbortSignal): Deliveries {
  const endpoints = [...settings.endpoints];
  const log: DeliveryResult[] = [];
  const taken = new Set<string>();
  const dropped = new Set<string>();
  const running = new Set<Promise<void>>();

  world.onEvent((event) => {
    const wanting = endpoints.filter((endpoint) => wants(endpoint, event));
    event.pending_webhooks = wanting.length;
    if (!settings.automatic) return;
    for (const endpoint of wanting) {
      const job = persist(event, endpoint).finally(() => running.delete(job));
      running.add(job);
    }
  });

  async function persist(event: EventRecord, endpoint: Endpoint): Promise<void> {
    for (const waitMs of [0, ...settings.retryDelaysMs]) {
      await delay(waitMs, undefined, { signal: closing }).catch(() => undefined);
      const isMoot = closing.aborted || dropped.has(event.id) || !world.tables.event.has(event.id);
      if (isMoot) return;
      const result = await attempt(event, endpoint, {});
      if (isTaken(result)) return;
    }
  }

  async function attempt(event: EventRecord, endpoint: Endpoint, options: DeliveryOptions): Promise<DeliveryResult> {
    const began = performance.now();
    const signal = AbortSignal.any([closing, AbortSignal.timeout(settings.timeoutMs)]);
    const answer = await settings
      .send(requestTo(event, endpoint, options), signal)
      .catch((error: unknown) => ({ status: 0, body: String(error) }));
    const durationMs = performance.now() - began;
    const result = { eventId: event.id, type: event.type, url: endpoint.url, ...answer, durationMs };
    log.push(result);
    if (isTaken(result)) markTaken(event, endpoint);
    return result;
  }

  function markTaken(event: EventRecord, endpoint: Endpoint): void {
    const mark = `${event.id} ${endpoint.url} ${endpoint.thin === true}`;
    if (taken.has(mark)) return;
    taken.add(mark);
    event.pending_webhooks = Math.max(0, event.pending_webhooks - 1);
  }

  function requestTo(event: EventRecord, endpoint: Endpoint, options: DeliveryOptions): SignedRequest {
    const thin = thinOf(event);
    if (endpoint.thin && !thin) throw new Error(`${event.type} has no thin twin`);
    return signedRequest({
      url: endpoint.url,
      payload: endpoint.thin && thin ? notificationOf(thin) : event,
      secret: endpoint.secret,
      kind: options.signature ?? 'valid',
      nowSeconds: Math.floor(settings.wallNowMs() / 1000),
      offsetSeconds: options.timestampOffsetSeconds ?? 0,
    });
  }

  function find(eventId: string, options: DeliveryOptions): { event: EventRecord; endpoint: Endpoint } {
    const event = world.tables.event.get(eventId);
    const endpoint = endpoints.find((one) => (one.thin === true) === (options.thin === true));
    if (!event) throw new Error(`no event ${eventId}`);
    if (!endpoint) throw new Error(`no ${options.thin ? 'thin' : 'snapshot'} endpoint is configured`);
    return { event, endpoint };
  }

  return {
    endpoints,
    log,
    pendingEvents: () =>
      [...world.tables.event.values()].filter((event) => event.pending_webhooks > 0 && !dropped.has(event.id)),
    deliver: async (eventId, options = {}) => {
      const { event, endpoint } = find(eventId, options);
      const results: DeliveryResult[] = [];
      for (let sent = 0; sent < (options.times ?? 1); sent += 1) results.push(await attempt(event, endpoint, options));
      return results;
    },
    request: (eventId, options = {}) => {
      const { event, endpoint } = find(eventId, options);
      return requestTo(event, endpoint, options);
    },
    drop: (eventId) => {
      dropped.add(eventId);
    },
    settled: async () => {
      while (running.size > 0) await Promise.all(running);
    },
    clear: () => {
      log.length = 0;
      taken.clear();
      dropped.clear();
    },
  };
}

function wants(endpoint: Endpoint, event: EventRecord): boolean {
  if (endpoint.thin && !thinOf(event)) return false;
  return endpoint.types === undefined || endpoint.types.includes(event.type);
}

function isTaken(result: DeliveryResult): boolean {
  return result.status >= 200 && result.status < 300;
}

/** Sends over HTTP, following no redirect, as Stripe does. */
export async function sendOverHttp(
  request: SignedRequest,
  signal: AbortSignal,
): Promise<{ status: number; body: string }> {
  const { url, headers, body } = request;
  const response = await fetch(url, { method: 'POST', headers, body, redirect: 'manual', signal });
  return { status: response.status, body: await response.text() };
}
