/** Actions on the Checkout page: pay, be declined, have to authenticate, pay later. */
import type { InvoiceRecord, Outcome, SessionRecord, SubscriptionRecord } from '../records.ts';
import { change, secondsPerDay, type SessionNotes, type World } from '../world.ts';
import { answerPending, collect, reflect } from './collection.ts';
import { liveCustomer, makeCustomer } from './customers.ts';
import { draftInvoice, invoiceNamed } from './invoices.ts';
import { makePaymentMethod } from './payments.ts';
import { detailsOf, sessionNamed } from './sessions.ts';
import { currentPeriod, hasEnded, makeSubscription, moveTo, subscriptionNamed } from './subscriptions.ts';

export interface CheckoutChoice {
  /** Outcome of the first payment. After `fails` and `requires_action` the session stays open for another attempt. */
  readonly payment: Outcome;
  /** A trial, when the session itself does not ask for one. */
  readonly trialDays?: number;
  /** False: a trial begun without any payment method. */
  readonly paymentMethod?: boolean;
  /** Whether a pending bank debit already makes the subscription active; documented as incomplete. */
  readonly activeWhilePending?: boolean;
  /** The bank's answer to later automatic charges; default `succeeds`. */
  readonly later?: Outcome;
}

export interface CheckoutResult {
  readonly session: SessionRecord;
  readonly subscription: SubscriptionRecord;
  readonly invoice: InvoiceRecord;
}

/** One press of a button on the Checkout page. */
export function completeCheckout(world: World, sessionId: string, choice: CheckoutChoice): CheckoutResult {
  const session = sessionNamed(world, sessionId);
  if (session.status !== 'open') throw new Error(`${sessionId} is ${session.status}, not open`);
  const notes = notesOfSession(world, sessionId);
  const { subscription, invoice } = attemptOf(world, notes) ?? begin(world, session, notes, choice);
  if (invoice.status !== 'paid') collect(world, invoice, choice.payment);
  if (choice.payment === 'async_pending' && choice.activeWhilePending) moveTo(world, subscription, 'active');
  reflect(world, subscription, invoice);
  const isDone = invoice.status === 'paid' || choice.payment === 'async_pending';
  if (isDone) finish(world, session, subscription, invoice);
  return { session, subscription, invoice };
}

function attemptOf(world: World, notes: SessionNotes): Omit<CheckoutResult, 'session'> | undefined {
  if (notes.attempt === null) return undefined;
  const subscription = subscriptionNamed(world, notes.attempt);
  if (hasEnded(subscription) || subscription.latest_invoice === null) return undefined;
  return { subscription, invoice: invoiceNamed(world, subscription.latest_invoice) };
}

/** The first try makes the customer if there is none, the subscription and its first invoice. */
function begin(
  world: World,
  session: SessionRecord,
  notes: SessionNotes,
  choice: CheckoutChoice,
): Omit<CheckoutResult, 'session'> {
  const customer = session.customer
    ? liveCustomer(world, session.customer, 'customer')
    : makeCustomer(world, { email: session.customer_email });
  change(world, session, { customer: customer.id });
  const trialEnd = choice.trialDays ? world.now() + choice.trialDays * secondsPerDay : notes.trialEnd;
  const type = choice.payment === 'async_pending' ? 'sepa_debit' : 'card';
  const hasMethod = choice.paymentMethod !== false;
  const subscription = makeSubscription(world, {
    customer: customer.id,
    prices: notes.lineItems.map((item) => ({ price: item.price, quantity: item.quantity ?? 1 })),
    trialEnd,
    metadata: notes.metadata,
    missingPaymentMethod: notes.missingPaymentMethod,
    defaultPaymentMethod: hasMethod ? makePaymentMethod(world, customer.id, type).id : null,
    outcome: choice.later ?? 'succeeds',
  });
  notes.attempt = subscription.id;
  const isFree = trialEnd !== undefined;
  const invoice = draftInvoice(world, subscription, {
    reason: 'subscription_create',
    period: currentPeriod(subscription),
    free: isFree,
  });
  change(world, subscription, { latest_invoice: invoice.id });
  world.emit('customer.subscription.created', subscription);
  if (isFree) collect(world, invoice, 'succeeds');
  return { subscription, invoice };
}

function finish(world: World, session: SessionRecord, subscription: SubscriptionRecord, invoice: InvoiceRecord): void {
  const paidNow = invoice.status === 'paid' ? 'paid' : 'unpaid';
  change(world, session, {
    status: 'complete',
    payment_status: subscription.status === 'trialing' ? 'no_payment_required' : paidNow,
    url: null,
    subscription: subscription.id,
    invoice: invoice.id,
    customer_details: detailsOf(world, subscription.customer, session.customer_email),
  });
  world.emit('checkout.session.completed', session);
}

/** The bank's answer to a delayed payment, at checkout (`cs_…`) or on a renewal (`sub_…`). */
export function payAsync(world: World, id: string, outcome: 'succeeds' | 'fails'): CheckoutResult['subscription'] {
  const session = id.startsWith('cs_') ? sessionNamed(world, id) : undefined;
  const subscription = subscriptionNamed(world, session?.subscription ?? id);
  const invoice = invoiceNamed(world, session?.invoice ?? subscription.latest_invoice ?? '');
  answerPending(world, invoice, outcome);
  reflect(world, subscription, invoice);
  const asked = session ?? sessionOfFirstInvoice(world, invoice.id);
  if (asked && outcome === 'succeeds') change(world, asked, { payment_status: 'paid' });
  if (asked) world.emit(`checkout.session.async_payment_${outcome === 'succeeds' ? 'succeeded' : 'failed'}`, asked);
  return subscription;
}

function sessionOfFirstInvoice(world: World, invoice: string): SessionRecord | undefined {
  return [...world.tables['checkout.session'].values()].find((session) => session.invoice === invoice);
}

function notesOfSession(world: World, id: string): SessionNotes {
  const notes = world.sessionNotes.get(id);
  if (!notes) throw new Error(`no notes for ${id}`);
  return notes;
}
