/** Helpers that drive the fake in tests: actions of customers, banks and staff, and time; each emits Stripe's events. */
import { copyOf } from './copy.ts';
import * as changes from './model/changes.ts';
import { makePrice, makeProduct, priceNamed } from './model/catalog.ts';
import { completeCheckout, payAsync, type CheckoutChoice, type CheckoutResult } from './model/checkout.ts';
import { forgive, voidAndJudge } from './model/collection.ts';
import { liveCustomer, makeCustomer } from './model/customers.ts';
import { deleteCustomer } from './model/deletion.ts';
import { invoiceNamed } from './model/invoices.ts';
import * as renewal from './model/renewal.ts';
import * as reversals from './model/reversals.ts';
import { expireSession, makeSession, sessionNamed } from './model/sessions.ts';
import { endSubscription, moveTo, notesOf, subscriptionNamed } from './model/subscriptions.ts';
import { advanceTo } from './model/timeline.ts';
import type {
  CustomerRecord,
  DisputeRecord,
  InvoiceRecord,
  Outcome,
  PriceRecord,
  RefundRecord,
  SessionRecord,
  SubscriptionRecord,
  WebhookEndpointRecord,
} from './records.ts';
import type { World } from './world.ts';

/** Every helper runs what is due, acts, advances the clock by a tick and returns copies of the changed objects. */
export interface Lifecycle {
  /** A price with a new product. */
  createPrice(fields?: { unitAmount?: number; name?: string; id?: string; productId?: string }): PriceRecord;
  createCustomer(fields?: { email?: string; metadata?: Record<string, string> }): CustomerRecord;
  /** A session made and completed in one go, as if the customer had subscribed elsewhere. */
  subscribe(customerId: string, options: CheckoutChoice & { priceId: string; quantity?: number }): CheckoutResult;
  completeCheckout(sessionId: string, choice: CheckoutChoice): CheckoutResult;
  expireCheckout(sessionId: string): SessionRecord;
  /** The bank answers a pending debit: of a session (`cs_…`) or of a subscription's latest invoice (`sub_…`). */
  payAsync(id: string, outcome: 'succeeds' | 'fails'): SubscriptionRecord;
  /** The bank's answer to later automatic charges. */
  setBank(subscriptionId: string, outcome: Outcome): void;
  renew(subscriptionId: string, options?: { outcome?: renewal.RenewalOutcome }): SubscriptionRecord;
  /** A retry of an open invoice fails, or else an early renewal. */
  failPayment(subscriptionId: string): SubscriptionRecord;
  /** Fails until the account's last retry. */
  exhaustRetries(subscriptionId: string): SubscriptionRecord;
  /** The customer pays the open invoice. */
  recover(subscriptionId: string): SubscriptionRecord;
  cancelAtPeriodEnd(subscriptionId: string, options?: { style?: 'flag' | 'date' }): SubscriptionRecord;
  /** Undoes a scheduled cancellation. */
  resume(subscriptionId: string): SubscriptionRecord;
  cancelNow(
    subscriptionId: string,
    options?: { reason?: 'cancellation_requested' | 'payment_failed' | 'payment_disputed' },
  ): SubscriptionRecord;
  /** Pauses the subscription itself, or with `collection` only the collecting of money. */
  pause(
    subscriptionId: string,
    options?: { collection?: 'keep_as_draft' | 'mark_uncollectible' | 'void'; resumesAt?: number },
  ): SubscriptionRecord;
  /** Undoes whichever pause there is. */
  unpause(subscriptionId: string, options?: { outcome?: Outcome }): SubscriptionRecord;
  changePrice(subscriptionId: string, priceId: string): SubscriptionRecord;
  beginPendingUpdate(subscriptionId: string, priceId: string): SubscriptionRecord;
  applyPendingUpdate(subscriptionId: string): SubscriptionRecord;
  expirePendingUpdate(subscriptionId: string): SubscriptionRecord;
  /** Any status, also one that Stripe has not thought of yet. */
  setStatus(subscriptionId: string, status: string): SubscriptionRecord;
  /** By the invoice's id or its subscription's, then meaning the latest. */
  markUncollectible(id: string): InvoiceRecord;
  voidInvoice(id: string): InvoiceRecord;
  /** By charge, payment intent, invoice or subscription (its latest paid charge). Default: all that is left. */
  refund(id: string, options?: { amount?: number; pending?: boolean }): RefundRecord;
  settleRefund(refundId: string): RefundRecord;
  failRefund(refundId: string): RefundRecord;
  /** By charge, payment intent, invoice or subscription. An inquiry withdraws no money. */
  openDispute(id: string, options?: { inquiry?: boolean }): DisputeRecord;
  closeDispute(disputeId: string, status: 'won' | 'lost' | 'warning_closed' | 'prevented'): DisputeRecord;
  deleteCustomer(customerId: string): void;
  /** Adds an address to those that the API lists. */
  addEndpoint(url: string, options?: { events?: readonly string[]; enabled?: boolean }): WebhookEndpointRecord;
  /** Moves the clock to a time (epoch seconds or a date), doing everything that falls due on the way. */
  advanceTo(time: number | Date): void;
  advanceBy(seconds: number): void;
}

export function createLifecycle(world: World): Lifecycle {
  function act<T>(work: () => T): T {
    advanceTo(world, world.now());
    const result = copyOf(work());
    advanceTo(world, world.now() + world.account.tickSeconds);
    return result;
  }

  function onSubscription(id: string, work: (subscription: SubscriptionRecord) => void): SubscriptionRecord {
    return act(() => {
      const subscription = subscriptionNamed(world, id);
      work(subscription);
      return subscription;
    });
  }

  function onInvoice(
    id: string,
    work: (subscription: SubscriptionRecord, invoice: InvoiceRecord) => void,
  ): InvoiceRecord {
    return act(() => {
      const latest = world.tables.subscription.get(id)?.latest_invoice;
      const invoice = invoiceNamed(world, latest ?? id);
      work(subscriptionNamed(world, invoice.parent.subscription_details.subscription), invoice);
      return invoice;
    });
  }

  return {
    createPrice: (fields = {}) =>
      act(() => {
        const product = makeProduct(world, { ...idOf(fields.productId), name: fields.name ?? 'Other plan' });
        return makePrice(world, { ...idOf(fields.id), product: product.id, unit_amount: fields.unitAmount ?? 500 });
      }),
    createCustomer: (fields = {}) => act(() => makeCustomer(world, fields)),
    subscribe: (customerId, options) =>
      act(() => {
        liveCustomer(world, customerId, 'customer');
        const price = priceNamed(world, options.priceId, 'price');
        return completeCheckout(world, sessionFor(world, customerId, price, options.quantity ?? 1).id, options);
      }),
    completeCheckout: (sessionId, choice) => act(() => completeCheckout(world, sessionId, choice)),
    expireCheckout: (sessionId) =>
      act(() => {
        const session = sessionNamed(world, sessionId);
        expireSession(world, session);
        return session;
      }),
    payAsync: (id, outcome) => act(() => payAsync(world, id, outcome)),
    setBank: (id, outcome) => {
      notesOf(world, subscriptionNamed(world, id)).outcome = outcome;
    },
    renew: (id, options = {}) => onSubscription(id, (one) => renewal.renew(world, one, options.outcome)),
    failPayment: (id) => onSubscription(id, (one) => renewal.failPayment(world, one)),
    exhaustRetries: (id) => onSubscription(id, (one) => renewal.exhaustRetries(world, one)),
    recover: (id) =>
      onSubscription(id, (one) => {
        if (one.pending_update) changes.applyPendingUpdate(world, one);
        else renewal.recover(world, one);
      }),
    cancelAtPeriodEnd: (id, options = {}) =>
      onSubscription(id, (one) => changes.cancelAtPeriodEnd(world, one, options.style ?? 'flag')),
    resume: (id) => onSubscription(id, (one) => changes.keepRunning(world, one)),
    cancelNow: (id, options = {}) =>
      onSubscription(id, (one) => endSubscription(world, one, options.reason ?? 'cancellation_requested')),
    pause: (id, options = {}) =>
      onSubscription(id, (one) => {
        if (options.collection) changes.pauseCollection(world, one, options.collection, options.resumesAt);
        else changes.pause(world, one);
      }),
    unpause: (id, options = {}) =>
      onSubscription(id, (one) => {
        if (one.pause_collection) changes.resumeCollection(world, one);
        else changes.unpause(world, one, options.outcome ?? 'succeeds');
      }),
    changePrice: (id, priceId) => onSubscription(id, (one) => changes.changePrice(world, one, priceId)),
    beginPendingUpdate: (id, priceId) => onSubscription(id, (one) => changes.beginPendingUpdate(world, one, priceId)),
    applyPendingUpdate: (id) => onSubscription(id, (one) => changes.applyPendingUpdate(world, one)),
    expirePendingUpdate: (id) => onSubscription(id, (one) => changes.expirePendingUpdate(world, one)),
    setStatus: (id, status) => onSubscription(id, (one) => moveTo(world, one, status)),
    markUncollectible: (id) => onInvoice(id, (subscription, invoice) => forgive(world, subscription, invoice)),
    voidInvoice: (id) => onInvoice(id, (subscription, invoice) => voidAndJudge(world, subscription, invoice)),
    refund: (id, options) => act(() => reversals.refund(world, reversals.chargeBehind(world, id), options)),
    settleRefund: (id) => onRefund(id, reversals.settleRefund),
    failRefund: (id) => onRefund(id, reversals.failRefund),
    openDispute: (id, options) => act(() => reversals.openDispute(world, reversals.chargeBehind(world, id), options)),
    closeDispute: (id, status) =>
      act(() => {
        const dispute = reversals.disputeNamed(world, id);
        reversals.closeDispute(world, dispute, status);
        return dispute;
      }),
    deleteCustomer: (id) => {
      act(() => deleteCustomer(world, id));
    },
    addEndpoint: (url, { events = ['*'], enabled = true } = {}) => {
      const id = world.newId('we');
      const status = enabled ? 'enabled' : 'disabled';
      const endpoint = { id, object: 'webhook_endpoint' as const, url, status, enabled_events: [...events] };
      const made = { ...endpoint, created: world.now() };
      world.tables.webhook_endpoint.set(id, made);
      return copyOf(made);
    },
    advanceTo: (time) => advanceTo(world, time instanceof Date ? Math.floor(time.getTime() / 1000) : time),
    advanceBy: (seconds) => advanceTo(world, world.now() + seconds),
  };

  function onRefund(id: string, work: (world: World, refund: RefundRecord) => void): RefundRecord {
    return act(() => {
      const refund = reversals.refundNamed(world, id);
      work(world, refund);
      return refund;
    });
  }
}

function idOf(id: string | undefined): { id?: string } {
  return id === undefined ? {} : { id };
}

function sessionFor(world: World, customer: string, price: PriceRecord, quantity: number): SessionRecord {
  return makeSession(world, {
    customer,
    customerEmail: null,
    lines: [{ price, quantity }],
    successUrl: 'https://example.com/success',
    cancelUrl: null,
    clientReferenceId: null,
    metadata: {},
    expiresAt: undefined,
    allowPromotionCodes: null,
    paymentMethodCollection: 'always',
    subscriptionData: { trialEnd: undefined, metadata: {}, missingPaymentMethod: undefined },
  });
}
