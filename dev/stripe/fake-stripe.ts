/** The fake Stripe in a test: an HTTP server for the official SDK, and functions that control it. */
import { copyOf } from './copy.ts';
import { createLifecycle, type Lifecycle } from './lifecycle.ts';
import { makePrice, makeProduct } from './model/catalog.ts';
import { customerView, type CustomerView } from './oracle.ts';
import { pageFor } from './pages/pages.ts';
import type { EventRecord } from './records.ts';
import {
  createDeliveries,
  sendOverHttp,
  type Deliveries,
  type DeliverySettings,
  type Endpoint,
  type Send,
} from './webhooks/delivery.ts';
import { createApi, type RecordedCall } from './wire/api.ts';
import { createFaults, type Faults } from './wire/faults.ts';
import { createIdempotency } from './wire/idempotency.ts';
import { listen } from './wire/server.ts';
import { createWorld, type AccountSettings, type World } from './world.ts';

export interface FakeStripeOptions {
  readonly host?: string;
  /** Default: a free one. */
  readonly port?: number;
  readonly secretKey?: string;
  /** Epoch milliseconds; the fake's clock is this plus the time added by `advanceTo` and the helpers. */
  readonly nowMs?: () => number;
  readonly account?: Partial<AccountSettings>;
  /** Endpoints for events; more can be added later. */
  readonly endpoints?: readonly Endpoint[];
  /** True: events are sent automatically until accepted. Default: only `deliver` sends. */
  readonly automatic?: boolean;
  /** Waits between automatic tries, default 1 s to 30 s. */
  readonly retryDelaysMs?: readonly number[];
  readonly deliveryTimeoutMs?: number;
  /** Epoch milliseconds for signatures; by default the wall clock, regardless of the fake's clock. */
  readonly wallNowMs?: () => number;
  /** Replaces HTTP for deliveries. */
  readonly send?: Send;
  /** Id of the price that exists from the start. */
  readonly proPriceId?: string;
}

export interface FakeStripe extends Lifecycle, AsyncDisposable {
  /** URL of API and pages, without a trailing slash: `STRIPE_API_BASE`. */
  readonly url: string;
  readonly secretKey: string;
  /** A recurring monthly price of 9.99 USD. */
  readonly proPriceId: string;
  /** For `new Stripe(fake.secretKey, fake.clientConfig)`. */
  readonly clientConfig: { readonly host: string; readonly port: number; readonly protocol: 'http' };
  /** Every API request so far, oldest first. */
  readonly calls: readonly RecordedCall[];
  readonly faults: Pick<Faults, 'inject' | 'hold' | 'clear'>;
  readonly deliveries: Omit<Deliveries, 'clear'>;
  /** The fake's clock, epoch seconds. */
  now(): number;
  /** Copies of all events, oldest first, or of those of one type. */
  events(type?: string): EventRecord[];
  /** The final state of a customer, for an oracle. */
  customer(id: string): CustomerView;
  /** Changes account settings. */
  setAccount(settings: Partial<AccountSettings>): void;
  /** Deletes everything except products and prices, the endpoints and the clock; the first price is as it was at the start. */
  reset(): void;
}

const defaults = {
  host: '127.0.0.1',
  secretKey: 'sk_test_fake',
  proPriceId: 'price_fake_pro',
  account: { retryAfterDays: [3, 5, 7], afterRetries: 'canceled', tickSeconds: 1 },
  retryDelaysMs: [1000, 2000, 5000, 10_000, 30_000],
  deliveryTimeoutMs: 10_000,
} as const;

/** Starts a fake Stripe with one product and price in it. */
export async function startFakeStripe(options: FakeStripeOptions = {}): Promise<FakeStripe> {
  const closing = new AbortController();
  const world = createWorld({ ...defaults.account, ...options.account }, options.nowMs ?? Date.now);
  const proPriceId = options.proPriceId ?? defaults.proPriceId;
  const secretKey = options.secretKey ?? defaults.secretKey;
  const host = options.host ?? defaults.host;
  seed(world, proPriceId);
  const faults = createFaults();
  const idempotency = createIdempotency(() => world.now());
  const api = createApi(world, secretKey, faults, idempotency);
  const lifecycle = createLifecycle(world);
  const deliveries = createDeliveries(world, deliverySettings(options), closing.signal);
  const server = await listen({
    host,
    port: options.port ?? 0,
    api,
    pages: (request) => pageFor(world, lifecycle, deliveries, request),
    signal: closing.signal,
  });
  world.publicUrl = server.url;

  return {
    ...lifecycle,
    url: server.url,
    secretKey,
    proPriceId,
    clientConfig: { host, port: server.port, protocol: 'http' },
    calls: api.calls,
    faults,
    deliveries,
    now: () => world.now(),
    events: (type) =>
      copyOf([...world.tables.event.values()].filter((event) => type === undefined || event.type === type)),
    customer: (id) => customerView(world, id),
    setAccount: (settings) => void Object.assign(world.account, settings),
    reset: () => {
      world.clear();
      idempotency.clear();
      faults.clear();
      deliveries.clear();
      api.calls.length = 0;
      seed(world, proPriceId);
    },
    [Symbol.asyncDispose]: async () => {
      closing.abort();
      faults.clear();
      await deliveries.settled();
      await server[Symbol.asyncDispose]();
    },
  };
}

function deliverySettings(options: FakeStripeOptions): DeliverySettings {
  return {
    automatic: options.automatic ?? false,
    endpoints: options.endpoints ?? [],
    retryDelaysMs: options.retryDelaysMs ?? defaults.retryDelaysMs,
    timeoutMs: options.deliveryTimeoutMs ?? defaults.deliveryTimeoutMs,
    wallNowMs: options.wallNowMs ?? Date.now,
    send: options.send ?? sendOverHttp,
  };
}

function seed(world: World, priceId: string): void {
  world.quietly(() => {
    const product = makeProduct(world, { id: 'prod_fake_pro', name: 'Pollux Pro' });
    makePrice(world, { id: priceId, product: product.id, unit_amount: 999, nickname: 'Pro, by the month' });
    product.default_price = priceId;
  });
}
