/** Subscriptions: made, found, moved between their states, ended. */
import { copyOf } from '../copy.ts';
import type Stripe from 'stripe';
import { noSuch } from '../wire/errors.ts';
import { sublist } from '../wire/lists.ts';
import { change, type SubscriptionNotes, type World } from '../world.ts';
import type { ItemRecord, Outcome, PriceRecord, SubscriptionRecord } from '../records.ts';
import { periodEnd, planOf } from './catalog.ts';
import { markDelinquent } from './customers.ts';
import type { Period } from './invoices.ts';

interface NewSubscription {
  readonly customer: string;
  readonly prices: ReadonlyArray<{ price: PriceRecord; quantity: number }>;
  readonly trialEnd?: number | undefined;
  readonly metadata?: Record<string, string>;
  readonly missingPaymentMethod?: 'cancel' | 'create_invoice' | 'pause' | undefined;
  readonly defaultPaymentMethod?: string | null;
  /** The bank's answer to later automatic charges. */
  readonly outcome: Outcome;
}

/** Makes a subscription: trialing when it has a trial, else incomplete until its first invoice is paid. */
export function makeSubscription(world: World, options: NewSubscription): SubscriptionRecord {
  const id = world.newId('sub');
  const now = world.now();
  const [first] = options.prices;
  if (!first) throw new Error('a subscription needs a price');
  const end = options.trialEnd ?? periodEnd(first.price, now, now);
  const items = options.prices.map((line) => itemOf(world, id, line, { start: now, end }));
  const subscription: SubscriptionRecord = {
    id,
    object: 'subscription',
    ...constants,
    billing_cycle_anchor: options.trialEnd ?? now,
    billing_mode: { type: 'flexible', flexible: { proration_discounts: 'included' }, updated_at: now },
    cancel_at: null,
    cancel_at_period_end: false,
    canceled_at: null,
    cancellation_details: { comment: null, feedback: null, feedback_option: null, reason: null },
    created: now,
    currency: first.price.currency,
    customer: options.customer,
    default_payment_method: options.defaultPaymentMethod ?? null,
    ended_at: null,
    items: sublist(items, `/v1/subscription_items?subscription=${id}`),
    latest_invoice: null,
    metadata: { ...options.metadata },
    pause_collection: null,
    pending_update: null,
    start_date: now,
    status: options.trialEnd === undefined ? 'incomplete' : 'trialing',
    trial_end: options.trialEnd ?? null,
    trial_settings: {
      end_behavior: {
        billing_cycle_anchor: null,
        missing_payment_method: options.missingPaymentMethod ?? 'create_invoice',
      },
    },
    trial_start: options.trialEnd === undefined ? null : now,
  };
  world.tables.subscription.set(id, subscription);
  world.notes.set(id, {
    outcome: options.outcome,
    pastDueSince: null,
    trialNoticeSent: false,
    resumeInvoice: null,
  });
  return subscription;
}

const constants = {
  application: null,
  application_fee_percent: null,
  automatic_tax: { disabled_reason: null, enabled: false, liability: null },
  billing_cycle_anchor_config: null,
  billing_schedules: [],
  billing_thresholds: null,
  collection_method: 'charge_automatically',
  customer_account: null,
  days_until_due: null,
  default_source: null,
  default_tax_rates: [],
  description: null,
  discounts: [],
  invoice_settings: {
    account_tax_ids: null,
    custom_fields: null,
    description: null,
    footer: null,
    issuer: { type: 'self' },
  },
  livemode: false,
  managed_payments: null,
  next_pending_invoice_item_invoice: null,
  on_behalf_of: null,
  payment_settings: { payment_method_options: null, payment_method_types: null, save_default_payment_method: 'off' },
  pending_invoice_item_interval: null,
  pending_setup_intent: null,
  schedule: null,
  test_clock: null,
  transfer_data: null,
} satisfies Partial<SubscriptionRecord>;

export function itemOf(
  world: World,
  subscription: string,
  line: { price: PriceRecord; quantity: number },
  period: Period,
): ItemRecord {
  return {
    id: world.newId('si'),
    object: 'subscription_item',
    billing_thresholds: null,
    created: world.now(),
    current_period_end: period.end,
    current_period_start: period.start,
    current_trial: null,
    discounts: [],
    metadata: {},
    plan: planOf(line.price),
    price: copyOf(line.price),
    quantity: line.quantity,
    subscription,
    tax_rates: [],
  };
}

export function subscriptionNamed(world: World, id: string): SubscriptionRecord {
  const subscription = world.tables.subscription.get(id);
  if (!subscription) throw noSuch('subscription', id, 'id');
  return subscription;
}

export function notesOf(world: World, subscription: SubscriptionRecord): SubscriptionNotes {
  const notes = world.notes.get(subscription.id);
  if (!notes) throw new Error(`no notes for ${subscription.id}`);
  return notes;
}

/** The current period, which this API version has on the items. */
export function currentPeriod(subscription: SubscriptionRecord): Period {
  const [item] = subscription.items.data;
  if (!item) throw new Error(`${subscription.id} has no items`);
  return { start: item.current_period_start, end: item.current_period_end };
}

/** The items as they will be with another period. */
export function itemsWithPeriod(subscription: SubscriptionRecord, period: Period): SubscriptionRecord['items'] {
  const data = subscription.items.data.map((item) => ({
    ...item,
    current_period_start: period.start,
    current_period_end: period.end,
  }));
  return { ...subscription.items, data };
}

/** Whether Stripe will never bill this subscription again. */
export function hasEnded(subscription: SubscriptionRecord): boolean {
  return subscription.status === 'canceled' || subscription.status === 'incomplete_expired';
}

/** Changes the status and other fields in one `customer.subscription.updated`. */
export function moveTo(
  world: World,
  subscription: SubscriptionRecord,
  status: Stripe.Subscription.Status,
  patch: Partial<SubscriptionRecord> = {},
): void {
  const notes = notesOf(world, subscription);
  const isLate = status === 'past_due' || status === 'unpaid';
  if (!isLate) notes.pastDueSince = null;
  else notes.pastDueSince ??= world.now();
  change(world, subscription, { status, ...patch }, 'customer.subscription.updated');
  markDelinquent(world, subscription.customer, isLate);
}

/** Open invoices stay open, but Stripe no longer retries them. */
function stopCollecting(world: World, subscription: SubscriptionRecord): void {
  const invoice = world.tables.invoice.get(subscription.latest_invoice ?? '');
  if (invoice?.status === 'open') change(world, invoice, { auto_advance: false, next_payment_attempt: null });
}

/** Ends the subscription now. One that never started expires instead; ended ones are left alone. */
export function endSubscription(
  world: World,
  subscription: SubscriptionRecord,
  reason: Stripe.Subscription.CancellationDetails.Reason,
): void {
  if (hasEnded(subscription)) return;
  const now = world.now();
  if (subscription.status === 'incomplete') {
    moveTo(world, subscription, 'incomplete_expired', { ended_at: now });
    return;
  }
  notesOf(world, subscription).pastDueSince = null;
  stopCollecting(world, subscription);
  change(world, subscription, {
    status: 'canceled',
    canceled_at: subscription.canceled_at ?? now,
    ended_at: now,
    pending_update: null,
    cancellation_details: { comment: null, feedback: null, feedback_option: null, reason },
  });
  world.emit('customer.subscription.deleted', subscription);
}
