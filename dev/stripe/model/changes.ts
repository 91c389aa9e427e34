/** Changes to a running subscription: cancelling at the period's end, pausing, other prices, pending updates. */
import { invalid } from '../wire/errors.ts';
import { change, type World } from '../world.ts';
import type { InvoiceRecord, Outcome, SubscriptionRecord } from '../records.ts';
import { priceNamed } from './catalog.ts';
import { collect, pauseSubscription, reflect } from './collection.ts';
import { draftInvoice, voidInvoice } from './invoices.ts';
import { beginPeriod } from './renewal.ts';
import { currentPeriod, hasEnded, itemOf, notesOf } from './subscriptions.ts';

const updated = 'customer.subscription.updated';

/**
 * Schedules the end. `flag` is what the API's `cancel_at_period_end` does; `date` sets only `cancel_at`, as the portal
 * does for subscriptions in flexible billing mode.
 */
export function cancelAtPeriodEnd(world: World, subscription: SubscriptionRecord, style: 'flag' | 'date'): void {
  refuseEnded(subscription);
  const patch: Partial<SubscriptionRecord> = {
    cancel_at_period_end: style === 'flag',
    cancel_at: currentPeriod(subscription).end,
    canceled_at: world.now(),
    cancellation_details: { comment: null, feedback: null, feedback_option: null, reason: 'cancellation_requested' },
  };
  change(world, subscription, patch, updated);
}

/** Undoes a scheduled cancellation. */
export function keepRunning(world: World, subscription: SubscriptionRecord): void {
  refuseEnded(subscription);
  const patch: Partial<SubscriptionRecord> = {
    cancel_at_period_end: false,
    cancel_at: null,
    canceled_at: null,
    cancellation_details: { comment: null, feedback: null, feedback_option: null, reason: null },
  };
  change(world, subscription, patch, updated);
}

/** Pauses only the collection of money: periods and status continue. */
export function pauseCollection(
  world: World,
  subscription: SubscriptionRecord,
  behavior: 'keep_as_draft' | 'mark_uncollectible' | 'void',
  resumesAt: number | null = null,
): void {
  refuseEnded(subscription);
  change(world, subscription, { pause_collection: { behavior, resumes_at: resumesAt } }, updated);
}

export function resumeCollection(world: World, subscription: SubscriptionRecord): void {
  refuseEnded(subscription);
  change(world, subscription, { pause_collection: null }, updated);
}

/** Pauses the subscription itself. */
export function pause(world: World, subscription: SubscriptionRecord): void {
  if (!['active', 'past_due', 'trialing'].includes(subscription.status)) {
    throw invalid(`A subscription with status ${subscription.status} cannot be paused.`);
  }
  pauseSubscription(world, subscription, 'pause_requested');
}

/** Starts a paused subscription again from now; it runs once the resumption invoice is paid. */
export function unpause(world: World, subscription: SubscriptionRecord, outcome: Outcome): void {
  if (subscription.status !== 'paused') {
    throw invalid(`A subscription with status ${subscription.status} cannot be resumed.`);
  }
  const invoice = beginPeriod(world, subscription, 'subscription_update');
  const notes = notesOf(world, subscription);
  notes.resumeInvoice = invoice.id;
  subscription.default_payment_method ??= methodOf(world, subscription.customer);
  collect(world, invoice, outcome);
  reflect(world, subscription, invoice);
}

function methodOf(world: World, customer: string): string | null {
  return [...world.tables.payment_method.values()].find((method) => method.customer === customer)?.id ?? null;
}

/** Replaces everything the subscription sells by one price, without proration. */
export function changePrice(world: World, subscription: SubscriptionRecord, priceId: string): void {
  refuseEnded(subscription);
  const line = { price: priceNamed(world, priceId, 'items[0][price]'), quantity: 1 };
  const data = [itemOf(world, subscription.id, line, currentPeriod(subscription))];
  change(world, subscription, { items: { ...subscription.items, data } }, updated);
}

/** A price change whose payment fails: it stays pending for up to 23 hours, with the old price in effect. */
export function beginPendingUpdate(world: World, subscription: SubscriptionRecord, priceId: string): void {
  refuseEnded(subscription);
  if (subscription.pending_update) throw new Error(`${subscription.id} already has a pending update`);
  const line = { price: priceNamed(world, priceId, 'items[0][price]'), quantity: 1 };
  const period = currentPeriod(subscription);
  const items = [itemOf(world, subscription.id, line, period)];
  const present = subscription.items;
  subscription.items = { ...present, data: items };
  const invoice = draftInvoice(world, subscription, { reason: 'subscription_update', period });
  subscription.items = present;
  collect(world, invoice, 'requires_action');
  const pending_update: SubscriptionRecord['pending_update'] = {
    billing_cycle_anchor: null,
    cancel_at_period_end: null,
    discount: null,
    discounts: null,
    expires_at: world.now() + 23 * 3600,
    metadata: null,
    subscription_items: items,
    trial_end: null,
    trial_from_plan: null,
  };
  change(world, subscription, { pending_update, latest_invoice: invoice.id }, updated);
}

/** The customer pays for the pending change, which takes effect. */
export function applyPendingUpdate(world: World, subscription: SubscriptionRecord): void {
  const data = pendingItems(subscription);
  const invoice = pendingInvoice(world, subscription);
  if (invoice) collect(world, invoice, 'succeeds');
  change(world, subscription, { items: { ...subscription.items, data }, pending_update: null }, updated);
  world.emit('customer.subscription.pending_update_applied', subscription);
}

/** The pending change's time runs out: it is forgotten and its invoice voided. */
export function expirePendingUpdate(world: World, subscription: SubscriptionRecord): void {
  pendingItems(subscription);
  const invoice = pendingInvoice(world, subscription);
  if (invoice) voidInvoice(world, invoice);
  change(world, subscription, { pending_update: null }, updated);
  world.emit('customer.subscription.pending_update_expired', subscription);
}

function pendingItems(subscription: SubscriptionRecord): SubscriptionRecord['items']['data'] {
  const items = subscription.pending_update?.subscription_items;
  if (!items) throw new Error(`${subscription.id} has no pending update`);
  return items;
}

function pendingInvoice(world: World, subscription: SubscriptionRecord): InvoiceRecord | undefined {
  return [...world.tables.invoice.values()].findLast(
    (one) =>
      one.parent.subscription_details.subscription === subscription.id &&
      one.billing_reason === 'subscription_update' &&
      one.status === 'open',
  );
}

/** Ended subscriptions take no more changes than to their metadata. */
export function refuseEnded(subscription: SubscriptionRecord): void {
  if (!hasEnded(subscription)) return;
  throw invalid('A canceled subscription can only update its cancellation_details and metadata.');
}
