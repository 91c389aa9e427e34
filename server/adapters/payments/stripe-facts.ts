/** Reads from Stripe everything that decides a customer's plan, all pages included. */
import type Stripe from 'stripe';
import type { SubscriptionFacts } from '../../ports/payments.ts';
import { readCharges, worst, type Charges } from './stripe-charges.ts';
import { isMissing } from './stripe-errors.ts';

const pageSize = 100;
const over = new Set(['canceled', 'incomplete_expired']);

/** Every subscription of the customer with the state of its payments; null if the customer was deleted. */
export async function readFacts(
  stripe: Stripe,
  customerId: string,
  sold: ReadonlySet<string>,
): Promise<SubscriptionFacts[] | null> {
  if (!(await isCustomer(stripe, customerId))) return null;
  const list = stripe.subscriptions.list({ customer: customerId, status: 'all', limit: pageSize });
  const subscriptions = await Array.fromAsync(list);
  const mayEarn = (subscription: Stripe.Subscription) =>
    soldItem(subscription, sold) !== undefined && !over.has(subscription.status);
  const charges = subscriptions.some(mayEarn) ? await readCharges(stripe, customerId) : null;
  return Promise.all(
    subscriptions.map(async (subscription) => {
      const facts = plainFacts(subscription, sold);
      if (charges === null || !mayEarn(subscription)) return facts;
      return { ...facts, ...(await moneyFacts(stripe, subscription, charges, sold)) };
    }),
  );
}

async function isCustomer(stripe: Stripe, id: string): Promise<boolean> {
  try {
    return !(await stripe.customers.retrieve(id)).deleted;
  } catch (error) {
    if (isMissing(error)) return false;
    throw error;
  }
}

/** Since API version 2025-03-31 the period is a property of the item. */
function soldItem({ items }: Stripe.Subscription, sold: ReadonlySet<string>): Stripe.SubscriptionItem | undefined {
  return items.data.find((item) => sold.has(item.price.id));
}

/** The facts in the subscription itself. */
function plainFacts(subscription: Stripe.Subscription, sold: ReadonlySet<string>): SubscriptionFacts {
  const item = soldItem(subscription, sold) ?? subscription.items.data[0];
  return {
    id: subscription.id,
    status: subscription.status,
    priceIds: subscription.items.data.map(({ price }) => price.id),
    currentPeriodEnd: item ? new Date(item.current_period_end * 1000) : null,
    cancelAtPeriodEnd: subscription.cancel_at_period_end || subscription.cancel_at !== null,
    everPaid: false,
    pastDueSince: null,
    refunded: false,
    dispute: 'none',
  };
}

/** The facts in its invoices and their payments; Stripe lists them newest first. */
async function moneyFacts(
  stripe: Stripe,
  subscription: Stripe.Subscription,
  charges: Charges,
  sold: ReadonlySet<string>,
): Promise<Pick<SubscriptionFacts, 'everPaid' | 'pastDueSince' | 'refunded' | 'dispute'>> {
  const list = stripe.invoices.list({ subscription: subscription.id, limit: pageSize, expand: ['data.payments'] });
  const invoices = await Array.fromAsync(list);
  const periodStart = soldItem(subscription, sold)?.current_period_start ?? 0;
  return {
    everPaid: subscription.trial_start !== null || invoices.some((invoice) => invoice.status === 'paid'),
    pastDueSince: subscription.status === 'past_due' ? firstFailure(invoices, charges, periodStart) : null,
    refunded: isRefunded(invoices, charges, periodStart),
    dispute: worst(invoices.flatMap((invoice) => charges.paying(invoice)).map((charge) => charges.dispute(charge))),
  };
}

/** The first refusal of the oldest invoice that is open since one was last settled. */
function firstFailure(invoices: readonly Stripe.Invoice[], charges: Charges, periodStart: number): Date {
  const settled = invoices.findIndex(({ status }) => status === 'paid' || status === 'uncollectible');
  const since = settled === -1 ? invoices : invoices.slice(0, settled);
  const owed = since.filter(({ status, attempt_count }) => status === 'open' && attempt_count > 0);
  // Past due without such an invoice: since the period began.
  const moments = owed.length === 0 ? [periodStart] : owed.map((invoice) => charges.firstRefusal(invoice));
  return new Date(Math.min(...moments) * 1000);
}

/** True if all payments for the current period were refunded in full. */
function isRefunded(invoices: readonly Stripe.Invoice[], charges: Charges, periodStart: number): boolean {
  const current = invoices.filter(
    (invoice) => invoice.status === 'paid' && invoice.lines.data.some((line) => line.period.start >= periodStart),
  );
  const paid = current.flatMap((invoice) => charges.paying(invoice));
  return paid.length > 0 && paid.every((charge) => charge.refunded);
}
