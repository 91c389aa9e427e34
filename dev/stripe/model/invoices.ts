/** Invoices of subscriptions: drafted, finalised with their payment, voided, given up. */
import type Stripe from 'stripe';
import { invalid, noSuch } from '../wire/errors.ts';
import { sublist } from '../wire/lists.ts';
import { change, type World } from '../world.ts';
import type { InvoiceLineRecord, InvoicePaymentRecord, InvoiceRecord, SubscriptionRecord } from '../records.ts';
import { isDeleted } from './customers.ts';
import { makePaymentIntent } from './payments.ts';

export interface Period {
  readonly start: number;
  readonly end: number;
}

/**
 * Drafts an invoice for one period of a subscription; the caller makes it the latest. `free` bills nothing, as for a
 * trial. The invoice's own `period_start` and `period_end` are those of the period before, as Stripe has them; the new
 * one is on its lines.
 */
export function draftInvoice(
  world: World,
  subscription: SubscriptionRecord,
  options: { reason: Stripe.Invoice.BillingReason; period: Period; before?: Period; free?: boolean },
): InvoiceRecord {
  const id = world.newId('in');
  const lines = subscription.items.data.map((item) => lineOf(world, id, subscription, item, options));
  const total = lines.reduce((sum, line) => sum + line.amount, 0);
  const customer = world.tables.customer.get(subscription.customer);
  const known = customer && !isDeleted(customer) ? customer : null;
  const before = options.before ?? { start: world.now(), end: world.now() };
  const invoice: InvoiceRecord = {
    id,
    object: 'invoice',
    ...constants,
    amount_due: total,
    amount_overpaid: 0,
    amount_paid: 0,
    amount_remaining: total,
    attempt_count: 0,
    attempted: false,
    auto_advance: true,
    billing_reason: options.reason,
    created: world.now(),
    currency: subscription.currency,
    customer: subscription.customer,
    customer_email: known?.email ?? null,
    customer_name: known?.name ?? null,
    customer_phone: known?.phone ?? null,
    effective_at: null,
    last_finalization_error: null,
    lines: sublist(lines, `/v1/invoices/${id}/lines`),
    next_payment_attempt: null,
    number: null,
    parent: {
      type: 'subscription_details',
      quote_details: null,
      subscription_details: { metadata: { ...subscription.metadata }, subscription: subscription.id },
    },
    period_end: before.end,
    period_start: before.start,
    status: 'draft',
    status_transitions: { finalized_at: null, marked_uncollectible_at: null, paid_at: null, voided_at: null },
    subtotal: total,
    subtotal_excluding_tax: total,
    total,
    total_excluding_tax: total,
    webhooks_delivered_at: world.now(),
  };
  world.tables.invoice.set(id, invoice);
  world.emit('invoice.created', invoice);
  return invoice;
}

/** Fields that are the same on every invoice of this account. */
const constants = {
  account_country: 'US',
  account_name: 'Pollux (fake Stripe)',
  account_tax_ids: null,
  amount_shipping: 0,
  application: null,
  automatic_tax: { disabled_reason: null, enabled: false, liability: null, provider: null, status: null },
  automatically_finalizes_at: null,
  collection_method: 'charge_automatically',
  custom_fields: null,
  customer_account: null,
  customer_address: null,
  customer_shipping: null,
  customer_tax_exempt: 'none',
  default_payment_method: null,
  default_source: null,
  default_tax_rates: [],
  description: null,
  discounts: [],
  due_date: null,
  ending_balance: 0,
  footer: null,
  from_invoice: null,
  issuer: { type: 'self' },
  latest_revision: null,
  livemode: false,
  metadata: {},
  on_behalf_of: null,
  payment_settings: { default_mandate: null, payment_method_options: null, payment_method_types: null },
  post_payment_credit_notes_amount: 0,
  pre_payment_credit_notes_amount: 0,
  receipt_number: null,
  rendering: null,
  shipping_cost: null,
  shipping_details: null,
  starting_balance: 0,
  statement_descriptor: null,
  test_clock: null,
  total_discount_amounts: [],
  total_pretax_credit_amounts: [],
  total_taxes: [],
} satisfies Partial<InvoiceRecord>;

function lineOf(
  world: World,
  invoice: string,
  subscription: SubscriptionRecord,
  item: SubscriptionRecord['items']['data'][number],
  options: { period: Period; free?: boolean },
): InvoiceLineRecord {
  const amount = options.free ? 0 : (item.price.unit_amount ?? 0) * (item.quantity ?? 1);
  return {
    id: world.newId('il'),
    object: 'line_item',
    amount,
    currency: subscription.currency,
    description: null,
    discount_amounts: [],
    discountable: true,
    discounts: [],
    invoice,
    livemode: false,
    metadata: { ...subscription.metadata },
    parent: {
      type: 'subscription_item_details',
      invoice_item_details: null,
      subscription_item_details: {
        invoice_item: null,
        proration: false,
        proration_details: null,
        subscription: subscription.id,
        subscription_item: item.id,
      },
    },
    period: { ...options.period },
    pretax_credit_amounts: [],
    pricing: {
      type: 'price_details',
      price_details: { price: item.price.id, product: item.price.product },
      unit_amount_decimal: options.free ? '0' : item.price.unit_amount_decimal,
    },
    quantity: item.quantity ?? 1,
    quantity_decimal: String(item.quantity ?? 1),
    subscription: subscription.id,
    subtotal: amount,
    taxes: [],
  };
}

/** Opens a draft; with something to collect, its payment intent and default invoice payment come into being. */
export function finalizeInvoice(world: World, invoice: InvoiceRecord): void {
  const now = world.now();
  change(world, invoice, {
    status: 'open',
    effective_at: now,
    last_finalization_error: null,
    number: `FAKE-${String(world.tables.invoice.size).padStart(4, '0')}`,
    status_transitions: { ...invoice.status_transitions, finalized_at: now },
  });
  if (invoice.amount_due > 0) makeInvoicePayment(world, invoice);
  world.emit('invoice.finalized', invoice);
}

function makeInvoicePayment(world: World, invoice: InvoiceRecord): void {
  const payment: InvoicePaymentRecord = {
    id: world.newId('inpay'),
    object: 'invoice_payment',
    amount_paid: null,
    amount_requested: invoice.amount_due,
    created: world.now(),
    currency: invoice.currency,
    invoice: invoice.id,
    is_default: true,
    livemode: false,
    payment: { type: 'payment_intent', payment_intent: makePaymentIntent(world, invoice).id },
    status: 'open',
    status_transitions: { canceled_at: null, paid_at: null },
  };
  world.tables.invoice_payment.set(payment.id, payment);
}

/** The payment Stripe made for the invoice when it was finalised; undefined for drafts and free ones. */
export function paymentOf(world: World, invoice: InvoiceRecord): InvoicePaymentRecord | undefined {
  return [...world.tables.invoice_payment.values()].find((payment) => payment.invoice === invoice.id);
}

export function invoiceNamed(world: World, id: string): InvoiceRecord {
  const invoice = world.tables.invoice.get(id);
  if (!invoice) throw noSuch('invoice', id, 'id');
  return invoice;
}

/** Voids an open or uncollectible invoice and cancels its payment. The subscription is the caller's business. */
export function voidInvoice(world: World, invoice: InvoiceRecord): void {
  if (invoice.status !== 'open' && invoice.status !== 'uncollectible') throw cannot('void', invoice);
  change(world, invoice, {
    status: 'void',
    auto_advance: false,
    next_payment_attempt: null,
    status_transitions: { ...invoice.status_transitions, voided_at: world.now() },
  });
  cancelPayment(world, invoice);
  world.emit('invoice.voided', invoice);
}

/** Marks the invoice as uncollectible. The caller updates the subscription. */
export function markUncollectible(world: World, invoice: InvoiceRecord): void {
  if (invoice.status !== 'open') throw cannot('mark_uncollectible', invoice);
  const status_transitions = { ...invoice.status_transitions, marked_uncollectible_at: world.now() };
  const status_details = { uncollectible: { reason: 'user_forgiven' } };
  change(world, invoice, { status: 'uncollectible', next_payment_attempt: null, status_transitions, status_details });
  world.emit('invoice.marked_uncollectible', invoice);
}

function cannot(verb: string, invoice: InvoiceRecord): Error {
  return invalid(`You can't ${verb} an invoice with status ${invoice.status}.`, { code: 'invoice_not_editable' });
}

function cancelPayment(world: World, invoice: InvoiceRecord): void {
  const payment = paymentOf(world, invoice);
  if (!payment) return;
  const canceled_at = world.now();
  change(world, payment, { status: 'canceled', status_transitions: { canceled_at, paid_at: null } });
  const intent = world.tables.payment_intent.get(payment.payment.payment_intent);
  if (!intent || intent.status === 'canceled') return;
  change(world, intent, { status: 'canceled', canceled_at, cancellation_reason: 'void_invoice', next_action: null });
  world.emit('payment_intent.canceled', intent);
}
