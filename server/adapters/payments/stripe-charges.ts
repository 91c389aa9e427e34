/** A customer's charges with their outcome: paid, refunded, disputed or refused. */
import type Stripe from 'stripe';
import type { SubscriptionFacts } from '../../ports/payments.ts';
import { idOf } from './stripe-customer.ts';

const pageSize = 100;

export interface Charges {
  /** The charges that paid an invoice, found by its payments (API version 2025-03-31 and later). */
  paying(invoice: Stripe.Invoice): Stripe.Charge[];
  /** When payment of an open invoice was first refused, in seconds since 1970. */
  firstRefusal(invoice: Stripe.Invoice): number;
  dispute(charge: Stripe.Charge): SubscriptionFacts['dispute'];
}

/** Every charge of the customer, with its disputes. */
export async function readCharges(stripe: Stripe, customer: string): Promise<Charges> {
  const list = stripe.charges.list({ customer, limit: pageSize, expand: ['data.failure_balance_transaction'] });
  const charges = await Array.fromAsync(list);
  const disputes = new Map<string, SubscriptionFacts['dispute']>();
  for (const { id } of charges.filter((charge) => charge.disputed)) {
    const found = await Array.fromAsync(stripe.disputes.list({ charge: id, limit: pageSize }));
    disputes.set(id, worst(found.map(({ status }) => verdictOf(status))));
  }
  const ofInvoice = (invoice: Stripe.Invoice) => {
    const intents = (invoice.payments?.data ?? []).map(({ payment }) => idOf(payment.payment_intent));
    return charges.filter((charge) => charge.payment_intent && intents.includes(idOf(charge.payment_intent)));
  };
  return {
    paying: (invoice) => ofInvoice(invoice).filter((charge) => charge.status === 'succeeded'),
    firstRefusal(invoice) {
      const first = ofInvoice(invoice).toSorted((a, b) => a.created - b.created)[0];
      return refusedLater(first) ?? invoice.status_transitions.finalized_at ?? invoice.created;
    },
    dispute: (charge) => disputes.get(charge.id) ?? 'none',
  };
}

export function worst(verdicts: readonly SubscriptionFacts['dispute'][]): SubscriptionFacts['dispute'] {
  if (verdicts.includes('lost')) return 'lost';
  return verdicts.includes('open') ? 'open' : 'none';
}

/** Cards are refused when an invoice is finalized, bank debits days later, when Stripe reverses the payment. */
function refusedLater(charge: Stripe.Charge | undefined): number | undefined {
  const reversal = charge?.failure_balance_transaction;
  return typeof reversal === 'object' ? reversal?.created : undefined;
}

/** An inquiry (`warning_…`) and a prevented dispute withdraw no money. */
export function verdictOf(status: Stripe.Dispute['status']): SubscriptionFacts['dispute'] {
  if (status === 'lost') return 'lost';
  return status === 'won' || status === 'prevented' || status.startsWith('warning_') ? 'none' : 'open';
}
