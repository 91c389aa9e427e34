/** The fake's whole memory: tables, a clock that can be moved, and the events every change leaves behind. */
import { copyOf } from './copy.ts';
import { Stripe } from 'stripe';
import type { EventRecord, LineItemRecord, Outcome, Tables } from './records.ts';

export const secondsPerDay = 86_400;

/** Account settings, as in the dashboard. */
export interface AccountSettings {
  /** Days between the automatic attempts to collect a failed renewal. */
  readonly retryAfterDays: readonly number[];
  /** Status of a subscription after the last retry failed. */
  readonly afterRetries: 'canceled' | 'unpaid' | 'past_due' | 'paused';
  /** Seconds the clock moves after each helper's action, so that two actions never share a second. */
  readonly tickSeconds: number;
}

/** State of a subscription that its Stripe object does not contain. */
export interface SubscriptionNotes {
  /** The bank's answer to the next automatic charge. */
  outcome: Outcome;
  /** When the present run of failed payments began, epoch seconds. */
  pastDueSince: number | null;
  trialNoticeSent: boolean;
  /** The invoice that must be paid before a paused subscription runs again. */
  resumeInvoice: string | null;
}

/** State of a Checkout session that its Stripe object does not contain. */
export interface SessionNotes {
  /** Line items, returned only when expanded. */
  readonly lineItems: LineItemRecord[];
  /** The request's `subscription_data`. */
  readonly trialEnd: number | undefined;
  readonly metadata: Record<string, string>;
  readonly missingPaymentMethod: 'cancel' | 'create_invoice' | 'pause' | undefined;
  /** The subscription a first try at paying has begun. */
  attempt: string | null;
}

export interface World {
  readonly tables: Tables;
  readonly notes: Map<string, SubscriptionNotes>;
  readonly sessionNotes: Map<string, SessionNotes>;
  readonly account: AccountSettings;
  /** Where the checkout and portal pages are served; known once the server listens. */
  publicUrl: string;
  /** The API request being answered, noted on the events it causes. */
  request: { id: string; idempotency_key: string | null } | null;
  /** Epoch seconds. */
  now(): number;
  moveClock(seconds: number): void;
  newId(prefix: string): string;
  emit(type: string, object: unknown, previous?: Record<string, unknown>): EventRecord;
  onEvent(listener: (event: EventRecord) => void): void;
  /** Runs without emitting events, to set up state that existed before the test. */
  quietly(work: () => void): void;
  /** Forgets every object and event but what is for sale; the clock stays where it is. */
  clear(): void;
}

export function createWorld(account: AccountSettings, nowMs: () => number): World {
  const tables = emptyTables();
  const listeners: Array<(event: EventRecord) => void> = [];
  let offsetSeconds = 0;
  let isQuiet = false;
  const world: World = {
    tables,
    notes: new Map(),
    sessionNotes: new Map(),
    account,
    publicUrl: '',
    request: null,
    now: () => Math.floor(nowMs() / 1000) + offsetSeconds,
    moveClock: (seconds) => {
      offsetSeconds += seconds;
    },
    newId: (prefix) => `${prefix}_${randomName()}`,
    emit: (type, object, previous) => {
      const event = eventOf(world, type, object, previous);
      if (isQuiet) return event;
      tables.event.set(event.id, event);
      for (const listener of listeners) listener(event);
      return event;
    },
    onEvent: (listener) => {
      listeners.push(listener);
    },
    quietly: (work) => {
      isQuiet = true;
      try {
        work();
      } finally {
        isQuiet = false;
      }
    },
    clear: () => {
      const { product: _products, price: _prices, ...rest } = tables;
      for (const table of Object.values(rest)) table.clear();
      world.notes.clear();
      world.sessionNotes.clear();
    },
  };
  return world;
}

/**
 * Changes a record in place, member by member, and, when that changed anything, emits `type` with the previous
 * attributes. Without `type` the change is silent. Values are replaced, never changed inside.
 */
export function change<T extends object>(world: World, record: T, patch: Partial<T>, type?: string): void {
  const before = Object.fromEntries(Object.keys(patch).map((name) => [name, record[name as keyof T]]));
  Object.assign(record, patch);
  if (type === undefined) return;
  const previous = previousAttributes(before, patch);
  if (Object.keys(previous).length > 0) world.emit(type, record, previous);
}

/** What Stripe puts in `data.previous_attributes`: the old values of changed fields, with hashes compared by member. */
function previousAttributes(before: Record<string, unknown>, after: Record<string, unknown>): Record<string, unknown> {
  const changed: Record<string, unknown> = {};
  for (const name of new Set([...Object.keys(before), ...Object.keys(after)])) {
    const [old, current] = [before[name], after[name]];
    if (JSON.stringify(old) === JSON.stringify(current)) continue;
    changed[name] = isHash(old) && isHash(current) ? previousAttributes(old, current) : (old ?? null);
  }
  return changed;
}

function isHash(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function eventOf(world: World, type: string, object: unknown, previous?: Record<string, unknown>): EventRecord {
  return {
    id: world.newId('evt'),
    object: 'event',
    api_version: Stripe.API_VERSION,
    created: world.now(),
    data: { object: copyOf(object), ...(previous && { previous_attributes: previous }) },
    livemode: false,
    pending_webhooks: 0,
    request: world.request ? { ...world.request } : { id: null, idempotency_key: null },
    type,
  };
}

const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';

function randomName(): string {
  return Array.from({ length: 24 }, () => alphabet[Math.floor(Math.random() * alphabet.length)]).join('');
}

function emptyTables(): Tables {
  return {
    customer: new Map(),
    product: new Map(),
    price: new Map(),
    payment_method: new Map(),
    'checkout.session': new Map(),
    'billing_portal.session': new Map(),
    subscription: new Map(),
    invoice: new Map(),
    invoice_payment: new Map(),
    payment_intent: new Map(),
    charge: new Map(),
    refund: new Map(),
    balance_transaction: new Map(),
    dispute: new Map(),
    event: new Map(),
    webhook_endpoint: new Map(),
  };
}
