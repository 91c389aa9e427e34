/** Reads from Stripe what a customer paid, and what of it was refunded or disputed. */
import type Stripe from 'stripe';
import type { PaymentFacts } from '../../ports/payments.ts';
import { verdictOf } from './stripe-charges.ts';
import { idOf } from './stripe-customer.ts';
import { isoAmount } from './stripe-price.ts';

const pageSize = 100;
const undone: ReadonlySet<string | null> = new Set(['failed', 'canceled']);

/** All paid invoices with an amount, each followed by its refunds and disputes. */
export async function readPayments(stripe: Stripe, customer: string): Promise<PaymentFacts[]> {
  const list = stripe.invoices.list({ customer, status: 'paid', limit: pageSize, expand: ['data.payments'] });
  const invoices = (await Array.fromAsync(list)).filter(({ amount_paid }) => amount_paid > 0);
  if (invoices.length === 0) return [];
  const charges = await Array.fromAsync(stripe.charges.list({ customer, limit: pageSize }));
  const moved = await Promise.all(
    invoices.map(async (invoice) => [paid(invoice), ...(await returned(stripe, invoice, charges))]),
  );
  return moved.flat();
}

function paid(invoice: Stripe.Invoice): PaymentFacts {
  const { id, amount_paid, currency, status_transitions, created, lines } = invoice;
  return {
    id,
    kind: 'paid',
    invoiceId: id,
    priceIds: lines.data.flatMap(({ pricing }) => idOf(pricing?.price_details?.price) ?? []),
    amount: isoAmount(amount_paid, currency),
    currency,
    at: timeOf(status_transitions.paid_at ?? created),
  };
}

async function returned(
  stripe: Stripe,
  invoice: Stripe.Invoice,
  charges: readonly Stripe.Charge[],
): Promise<PaymentFacts[]> {
  const intents = (invoice.payments?.data ?? []).map(({ payment }) => idOf(payment.payment_intent));
  const paying = charges.filter(({ payment_intent }) => payment_intent && intents.includes(idOf(payment_intent)));
  const facts = (kind: 'refunded' | 'disputed', { id, amount, currency, created }: Stripe.Refund | Stripe.Dispute) => ({
    ...paid(invoice),
    id,
    kind,
    amount: isoAmount(amount, currency),
    currency,
    at: timeOf(created),
  });
  const found: PaymentFacts[] = [];
  for (const { id: charge, amount_refunded, disputed } of paying) {
    if (amount_refunded > 0) {
      const refunds = await Array.fromAsync(stripe.refunds.list({ charge, limit: pageSize }));
      found.push(...refunds.filter(({ status }) => !undone.has(status)).map((one) => facts('refunded', one)));
    }
    if (disputed) {
      const disputes = await Array.fromAsync(stripe.disputes.list({ charge, limit: pageSize }));
      found.push(...disputes.filter(({ status }) => verdictOf(status) !== 'none').map((one) => facts('disputed', one)));
    }
  }
  return found;
}

function timeOf(seconds: number): Date {
  return new Date(seconds * 1000);
}
