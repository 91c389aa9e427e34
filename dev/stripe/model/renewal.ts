/** Renewals: ends of trials, new periods, retries of failed payments, recoveries. */
import type { InvoiceRecord, Outcome, SubscriptionRecord } from '../records.ts';
import { change, type World } from '../world.ts';
import { periodEnd } from './catalog.ts';
import { collect, giveUp, pauseSubscription, reflect } from './collection.ts';
import { draftInvoice, finalizeInvoice, invoiceNamed, markUncollectible, voidInvoice } from './invoices.ts';
import { currentPeriod, endSubscription, hasEnded, itemsWithPeriod, moveTo, notesOf } from './subscriptions.ts';

/** Outcome of a renewal's invoice; `finalization_fails` leaves it a draft, which cannot be paid. */
export type RenewalOutcome = Outcome | 'finalization_fails';

/**
 * Ends the current period: at its date, or at once when that is still to come, which moves the billing anchor to now.
 * A subscription set to cancel ends instead. Without an outcome the bank's configured answer applies.
 */
export function renew(world: World, subscription: SubscriptionRecord, outcome?: RenewalOutcome): void {
  if (hasEnded(subscription) || subscription.status === 'incomplete' || subscription.status === 'paused') {
    throw new Error(`${subscription.id} is ${subscription.status} and has no period to end`);
  }
  const before = currentPeriod(subscription);
  if (isCancelledBy(subscription, before.end)) {
    endSubscription(world, subscription, 'cancellation_requested');
    return;
  }
  const isTrial = subscription.status === 'trialing';
  if (isTrial && subscription.default_payment_method === null && endsWithoutMethod(world, subscription)) return;
  const ended = isTrial ? { status: 'active', trial_end: Math.min(before.end, world.now()) } : {};
  const invoice = beginPeriod(world, subscription, 'subscription_cycle', ended);
  if (subscription.pause_collection) {
    setAside(world, subscription, invoice);
    return;
  }
  if (subscription.status === 'unpaid') {
    change(world, invoice, { auto_advance: false });
    return;
  }
  const hasMethod = subscription.default_payment_method !== null;
  bill(world, subscription, invoice, hasMethod ? (outcome ?? notesOf(world, subscription).outcome) : 'fails');
}

function isCancelledBy(subscription: SubscriptionRecord, time: number): boolean {
  return subscription.cancel_at_period_end || (subscription.cancel_at !== null && subscription.cancel_at <= time);
}

/** A trial that ends without a payment method pauses or cancels, if set to. */
function endsWithoutMethod(world: World, subscription: SubscriptionRecord): boolean {
  const behavior = subscription.trial_settings?.end_behavior.missing_payment_method;
  if (behavior === 'pause') pauseSubscription(world, subscription, 'trial_end_without_payment_method');
  if (behavior === 'cancel') endSubscription(world, subscription, 'cancellation_requested');
  return behavior === 'pause' || behavior === 'cancel';
}

/** Moves into the period that begins now, or at the due end of the last one, and drafts its invoice. */
export function beginPeriod(
  world: World,
  subscription: SubscriptionRecord,
  reason: 'subscription_cycle' | 'subscription_update',
  patch: Partial<SubscriptionRecord> = {},
): InvoiceRecord {
  const now = world.now();
  const before = currentPeriod(subscription);
  const isDue = before.end <= now;
  const start = isDue ? before.end : now;
  const anchor = isDue ? subscription.billing_cycle_anchor : now;
  const price = subscription.items.data[0]?.price;
  if (!price) throw new Error(`${subscription.id} has no items`);
  const period = { start, end: periodEnd(price, anchor, start) };
  const invoice = draftInvoice(world, subscription, { reason, period, before });
  moveTo(world, subscription, patch.status ?? subscription.status, {
    ...patch,
    items: itemsWithPeriod(subscription, period),
    billing_cycle_anchor: anchor,
    latest_invoice: invoice.id,
  });
  return invoice;
}

function setAside(world: World, subscription: SubscriptionRecord, invoice: InvoiceRecord): void {
  const behavior = subscription.pause_collection?.behavior;
  change(world, invoice, { auto_advance: false });
  if (behavior === 'keep_as_draft') return;
  finalizeInvoice(world, invoice);
  if (behavior === 'void') voidInvoice(world, invoice);
  else markUncollectible(world, invoice);
}

function bill(world: World, subscription: SubscriptionRecord, invoice: InvoiceRecord, outcome: RenewalOutcome): void {
  if (outcome === 'finalization_fails') {
    const last_finalization_error = {
      type: 'invalid_request_error',
      code: 'customer_tax_location_invalid',
      message: "The customer's location isn't recognized.",
    } as const;
    change(world, invoice, { last_finalization_error, auto_advance: false });
    world.emit('invoice.finalization_failed', invoice);
    return;
  }
  collect(world, invoice, outcome);
  reflect(world, subscription, invoice);
}

/** The invoice that waits to be paid; throws when nothing waits. */
function owedInvoice(world: World, subscription: SubscriptionRecord): InvoiceRecord {
  const invoice = subscription.latest_invoice ? invoiceNamed(world, subscription.latest_invoice) : undefined;
  const isOwed = invoice?.status === 'open' || invoice?.status === 'draft' || invoice?.status === 'uncollectible';
  if (!invoice || !isOwed) throw new Error(`${subscription.id} owes nothing`);
  return invoice;
}

/** One more automatic attempt at an open invoice; after the last of them the account's rule for giving up applies. */
export function retry(world: World, subscription: SubscriptionRecord, outcome?: Outcome): void {
  const invoice = owedInvoice(world, subscription);
  const hasMethod = subscription.default_payment_method !== null;
  const planned = outcome ?? (hasMethod ? notesOf(world, subscription).outcome : 'fails');
  collect(world, invoice, planned);
  reflect(world, subscription, invoice);
  const isLast = invoice.status === 'open' && planned !== 'async_pending' && invoice.next_payment_attempt === null;
  if (isLast && subscription.status === 'past_due') giveUp(world, subscription);
}

/** A payment fails: the retry of an open invoice, or else an early renewal. */
export function failPayment(world: World, subscription: SubscriptionRecord): void {
  if (isOwing(world, subscription)) retry(world, subscription, 'fails');
  else renew(world, subscription, 'fails');
}

/** Fails until Stripe stops trying. */
export function exhaustRetries(world: World, subscription: SubscriptionRecord): void {
  if (!isOwing(world, subscription)) renew(world, subscription, 'fails');
  for (let left = world.account.retryAfterDays.length; left > 0; left -= 1) {
    if (subscription.status !== 'past_due' || !isOwing(world, subscription)) return;
    if (owedInvoice(world, subscription).next_payment_attempt === null) return;
    retry(world, subscription, 'fails');
  }
}

function isOwing(world: World, subscription: SubscriptionRecord): boolean {
  const invoice = subscription.latest_invoice ? world.tables.invoice.get(subscription.latest_invoice) : undefined;
  return invoice?.status === 'open';
}

/** The customer pays the open invoice with a valid card; later charges succeed too. */
export function recover(world: World, subscription: SubscriptionRecord): void {
  if (hasEnded(subscription)) throw new Error(`${subscription.id} is ${subscription.status}`);
  const invoice = owedInvoice(world, subscription);
  notesOf(world, subscription).outcome = 'succeeds';
  collect(world, invoice, 'succeeds');
  reflect(world, subscription, invoice);
}
