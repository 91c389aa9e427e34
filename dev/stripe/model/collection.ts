/** Collects an invoice: the attempt, the bank's answer, and the new status of the subscription. */
import { change, secondsPerDay, type World } from '../world.ts';
import type { ChargeRecord, InvoiceRecord, Outcome, PaymentIntentRecord, SubscriptionRecord } from '../records.ts';
import { finalizeInvoice, markUncollectible, paymentOf, voidInvoice } from './invoices.ts';
import { declined, makeCharge, makePaymentMethod, takeBack } from './payments.ts';
import { endSubscription, hasEnded, moveTo, notesOf } from './subscriptions.ts';

/** Finalises the invoice if it is a draft, then attempts its payment. A free invoice is paid at once. */
export function collect(world: World, invoice: InvoiceRecord, outcome: Outcome): void {
  if (invoice.status === 'draft') finalizeInvoice(world, invoice);
  const intent = intentOf(world, invoice);
  if (!intent) {
    settle(world, invoice, null);
    return;
  }
  useMethod(world, intent, outcome === 'async_pending' ? 'sepa_debit' : 'card');
  if (outcome === 'succeeds') succeed(world, invoice, intent);
  if (outcome === 'fails') fail(world, invoice, intent);
  if (outcome === 'requires_action') requireAction(world, invoice, intent);
  if (outcome === 'async_pending') leavePending(world, invoice, intent);
}

/** The bank's late answer to a pending debit. */
export function answerPending(world: World, invoice: InvoiceRecord, outcome: 'succeeds' | 'fails'): void {
  const intent = intentOf(world, invoice);
  if (intent?.status !== 'processing') throw new Error(`${invoice.id} has no pending payment`);
  if (outcome === 'succeeds') succeed(world, invoice, intent);
  else fail(world, invoice, intent);
}

/** The payment intent behind an invoice, by way of its invoice payment. */
export function intentOf(world: World, invoice: InvoiceRecord): PaymentIntentRecord | undefined {
  const id = paymentOf(world, invoice)?.payment.payment_intent;
  return id === undefined ? undefined : world.tables.payment_intent.get(id);
}

function useMethod(world: World, intent: PaymentIntentRecord, type: 'card' | 'sepa_debit'): void {
  const present = intent.payment_method ? world.tables.payment_method.get(intent.payment_method) : undefined;
  if (present?.type === type) return;
  const known = [...world.tables.payment_method.values()].find(
    (method) => method.customer === intent.customer && method.type === type,
  );
  const method = known ?? makePaymentMethod(world, intent.customer, type);
  change(world, intent, { payment_method: method.id, payment_method_types: [type] });
}

function succeed(world: World, invoice: InvoiceRecord, intent: PaymentIntentRecord): void {
  const pending = intent.latest_charge ? world.tables.charge.get(intent.latest_charge) : undefined;
  const charge = pending?.status === 'pending' ? pending : makeCharge(world, intent, 'succeeded');
  change(world, charge, { status: 'succeeded', paid: true });
  change(world, intent, {
    status: 'succeeded',
    amount_received: intent.amount,
    latest_charge: charge.id,
    last_payment_error: null,
    next_action: null,
    processing: null,
  });
  world.emit('charge.succeeded', charge);
  world.emit('payment_intent.succeeded', intent);
  settle(world, invoice, charge);
}

function settle(world: World, invoice: InvoiceRecord, charge: ChargeRecord | null): void {
  const paid_at = world.now();
  const payment = paymentOf(world, invoice);
  if (payment) {
    const status_transitions = { canceled_at: null, paid_at };
    change(world, payment, { status: 'paid', amount_paid: payment.amount_requested, status_transitions });
    world.emit('invoice_payment.paid', payment);
  }
  const patch: Partial<InvoiceRecord> = {
    status: 'paid',
    amount_paid: invoice.amount_due,
    amount_remaining: 0,
    attempted: true,
    attempt_count: invoice.attempt_count + (charge ? 1 : 0),
    auto_advance: false,
    next_payment_attempt: null,
    status_transitions: { ...invoice.status_transitions, paid_at },
  };
  change(world, invoice, patch, 'invoice.updated');
  world.emit('invoice.paid', invoice);
  world.emit('invoice.payment_succeeded', invoice);
}

function fail(world: World, invoice: InvoiceRecord, intent: PaymentIntentRecord): void {
  const pending = intent.latest_charge ? world.tables.charge.get(intent.latest_charge) : undefined;
  const isLate = pending?.status === 'pending';
  const charge = isLate ? pending : makeCharge(world, intent, 'failed');
  const failure_balance_transaction = isLate ? takeBack(world, charge) : null;
  change(world, charge, { ...failedCharge, status: 'failed', failure_balance_transaction });
  change(world, intent, {
    status: 'requires_payment_method',
    latest_charge: charge.id,
    last_payment_error: { ...declined, charge: charge.id },
    next_action: null,
    processing: null,
  });
  world.emit('charge.failed', charge);
  world.emit('payment_intent.payment_failed', intent);
  countAttempt(world, invoice);
  world.emit('invoice.payment_failed', invoice);
}

const failedCharge = {
  amount_captured: 0,
  captured: false,
  paid: false,
  failure_code: declined.code,
  failure_message: declined.message,
};

function requireAction(world: World, invoice: InvoiceRecord, intent: PaymentIntentRecord): void {
  change(world, intent, { status: 'requires_action', next_action: { type: 'use_stripe_sdk', use_stripe_sdk: {} } });
  world.emit('payment_intent.requires_action', intent);
  countAttempt(world, invoice);
  world.emit('invoice.payment_action_required', invoice);
  world.emit('invoice.payment_failed', invoice);
}

function leavePending(world: World, invoice: InvoiceRecord, intent: PaymentIntentRecord): void {
  const charge = makeCharge(world, intent, 'pending');
  change(world, intent, { status: 'processing', latest_charge: charge.id, processing: null, next_action: null });
  change(world, invoice, { attempted: true, next_payment_attempt: null });
  world.emit('charge.pending', charge);
  world.emit('payment_intent.processing', intent);
}

/** Only the invoices of renewals are retried, on the account's schedule. */
function countAttempt(world: World, invoice: InvoiceRecord): void {
  const waitDays = world.account.retryAfterDays[invoice.attempt_count];
  const retries = invoice.billing_reason === 'subscription_cycle' && waitDays !== undefined;
  const patch: Partial<InvoiceRecord> = {
    attempted: true,
    attempt_count: invoice.attempt_count + 1,
    next_payment_attempt: retries ? world.now() + waitDays * secondsPerDay : null,
  };
  change(world, invoice, patch, 'invoice.updated');
}

/** Updates a subscription after an attempt on its invoice (https://docs.stripe.com/billing/subscriptions/overview). */
export function reflect(world: World, subscription: SubscriptionRecord, invoice: InvoiceRecord): void {
  if (hasEnded(subscription) || invoice.id !== subscription.latest_invoice) return;
  if (subscription.pending_update && invoice.billing_reason === 'subscription_update') return;
  const { status } = subscription;
  if (invoice.status === 'paid' || invoice.status === 'uncollectible') {
    if (status === 'paused') resumeAfter(world, subscription, invoice);
    else if (status !== 'trialing') moveTo(world, subscription, 'active');
    return;
  }
  const isPending = intentOf(world, invoice)?.status === 'processing';
  if (invoice.status !== 'open' || isPending || !invoice.attempted) return;
  if (status === 'active' || status === 'trialing') moveTo(world, subscription, 'past_due');
}

function resumeAfter(world: World, subscription: SubscriptionRecord, invoice: InvoiceRecord): void {
  const notes = notesOf(world, subscription);
  if (notes.resumeInvoice !== invoice.id) return;
  notes.resumeInvoice = null;
  moveTo(world, subscription, 'active', { status_details: undefined });
  world.emit('customer.subscription.resumed', subscription);
}

/** Applies the account's setting to a subscription whose last retry failed. */
export function giveUp(world: World, subscription: SubscriptionRecord): void {
  const { afterRetries } = world.account;
  if (afterRetries === 'canceled') endSubscription(world, subscription, 'payment_failed');
  if (afterRetries === 'unpaid') moveTo(world, subscription, 'unpaid');
  if (afterRetries === 'paused') pauseSubscription(world, subscription, 'final_payment_failure');
}

/** Stops a subscription: no invoices and no new periods until it is resumed. */
export function pauseSubscription(
  world: World,
  subscription: SubscriptionRecord,
  why: 'final_payment_failure' | 'pause_requested' | 'trial_end_without_payment_method',
): void {
  const paused = {
    type: 'subscription',
    subscription: { type: why },
    transitioned_at: world.now(),
  };
  moveTo(world, subscription, 'paused', { status_details: { paused } });
  world.emit('customer.subscription.paused', subscription);
}

/** Voids an invoice; Stripe counts it as settled for the subscription. */
export function forgive(world: World, subscription: SubscriptionRecord, invoice: InvoiceRecord): void {
  markUncollectible(world, invoice);
  reflect(world, subscription, invoice);
}

/**
 * Voids an invoice. The subscription is then judged by its latest invoice that is not void, and runs when there is
 * none or that one is settled; one that never started expires.
 */
export function voidAndJudge(world: World, subscription: SubscriptionRecord, invoice: InvoiceRecord): void {
  voidInvoice(world, invoice);
  if (hasEnded(subscription) || invoice.id !== subscription.latest_invoice) return;
  if (subscription.status === 'incomplete') endSubscription(world, subscription, 'cancellation_requested');
  if (subscription.status !== 'past_due' && subscription.status !== 'unpaid') return;
  const judge = [...world.tables.invoice.values()].findLast(
    (one) => one.parent.subscription_details.subscription === subscription.id && one.status !== 'void',
  );
  if (judge?.status !== 'open') moveTo(world, subscription, 'active');
}
