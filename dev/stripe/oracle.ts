/** The final state of a customer in plain terms, from which a test derives the expected tier. */
import { intentOf } from './model/collection.ts';
import { isDeleted } from './model/customers.ts';
import { chargeOfInvoice, isDecided } from './model/reversals.ts';
import { currentPeriod, hasEnded, notesOf } from './model/subscriptions.ts';
import type { ChargeRecord, InvoiceRecord, SubscriptionRecord } from './records.ts';
import type { World } from './world.ts';

/** One payment of a subscription, with its refunds. Amounts in minor units. */
interface PaymentView {
  readonly chargeId: string;
  readonly invoiceId: string;
  readonly amount: number;
  readonly refunded: number;
  readonly fullyRefunded: boolean;
  readonly disputes: ReadonlyArray<{ id: string; status: string; open: boolean }>;
}

export interface SubscriptionView {
  readonly id: string;
  readonly status: string;
  readonly priceIds: readonly string[];
  readonly periodStart: number;
  readonly periodEnd: number;
  /** When it is scheduled to end, epoch seconds; null if it is not. */
  readonly endsAt: number | null;
  readonly endedAt: number | null;
  /** When the present run of failed payments began, epoch seconds; null when nothing is owed. */
  readonly pastDueSince: number | null;
  /** False while no invoice with an amount was ever paid. */
  readonly everPaid: boolean;
  readonly latestInvoice: { id: string; status: string; paymentStatus: string | null } | null;
  /** True while a change of its price awaits a payment. */
  readonly isMoving: boolean;
  /** The payments for the current period, oldest first: more than one after a change of the price that was billed. */
  readonly currentPayments: readonly PaymentView[];
  /** Every payment that succeeded, oldest first. */
  readonly payments: readonly PaymentView[];
}

export interface CustomerView {
  readonly id: string;
  readonly deleted: boolean;
  /** Oldest first. */
  readonly subscriptions: readonly SubscriptionView[];
  readonly sessions: ReadonlyArray<{ id: string; status: string; paymentStatus: string; subscription: string | null }>;
}

/** Stripe's final state for a customer. Throws for an unknown id. */
export function customerView(world: World, customerId: string): CustomerView {
  const customer = world.tables.customer.get(customerId);
  if (!customer) throw new Error(`no customer ${customerId}`);
  return {
    id: customerId,
    deleted: isDeleted(customer),
    subscriptions: [...world.tables.subscription.values()]
      .filter((one) => one.customer === customerId)
      .map((one) => subscriptionView(world, one)),
    sessions: [...world.tables['checkout.session'].values()]
      .filter((session) => session.customer === customerId)
      .map((session) => ({
        id: session.id,
        status: session.status ?? 'open',
        paymentStatus: session.payment_status,
        subscription: session.subscription,
      })),
  };
}

function subscriptionView(world: World, subscription: SubscriptionRecord): SubscriptionView {
  const period = currentPeriod(subscription);
  const invoices = [...world.tables.invoice.values()].filter(
    (invoice) => invoice.parent.subscription_details.subscription === subscription.id,
  );
  const payments = invoices.flatMap((invoice) => paymentView(world, invoice) ?? []);
  const current = invoices.filter(
    (invoice) => invoice.status === 'paid' && invoice.lines.data.some((line) => line.period.start === period.start),
  );
  return {
    id: subscription.id,
    status: subscription.status,
    priceIds: subscription.items.data.map((item) => item.price.id),
    periodStart: period.start,
    periodEnd: period.end,
    endsAt: subscription.cancel_at ?? (subscription.cancel_at_period_end ? period.end : null),
    endedAt: subscription.ended_at,
    pastDueSince: notesOf(world, subscription).pastDueSince,
    everPaid: payments.length > 0,
    latestInvoice: latestOf(world, invoices, subscription),
    isMoving: subscription.pending_update !== null && !hasEnded(subscription),
    currentPayments: payments.filter((payment) => current.some(({ id }) => id === payment.invoiceId)),
    payments,
  };
}

function latestOf(
  world: World,
  invoices: readonly InvoiceRecord[],
  subscription: SubscriptionRecord,
): SubscriptionView['latestInvoice'] {
  const invoice = invoices.find((one) => one.id === subscription.latest_invoice);
  if (!invoice) return null;
  return { id: invoice.id, status: invoice.status ?? 'draft', paymentStatus: intentOf(world, invoice)?.status ?? null };
}

function paymentView(world: World, invoice: InvoiceRecord): PaymentView | undefined {
  const charge = chargeOfInvoice(world, invoice.id);
  if (charge?.status !== 'succeeded') return undefined;
  return {
    chargeId: charge.id,
    invoiceId: invoice.id,
    amount: charge.amount,
    refunded: charge.amount_refunded,
    fullyRefunded: charge.refunded,
    disputes: disputesOf(world, charge),
  };
}

function disputesOf(world: World, charge: ChargeRecord): PaymentView['disputes'] {
  return [...world.tables.dispute.values()]
    .filter((dispute) => dispute.charge === charge.id)
    .map((dispute) => ({ id: dispute.id, status: dispute.status, open: !isDecided(dispute) }));
}
