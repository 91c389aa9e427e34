/** Computes the right plan from Stripe's final state. Shares no code with the product. */
import type { FakeStripe } from '../../dev/stripe/fake-stripe.ts';

type CustomerView = ReturnType<FakeStripe['customer']>;
type SubscriptionView = CustomerView['subscriptions'][number];

/** The plans of the shop: the free one, and those that are sold with a price of each, the best one last. */
export interface Assortment {
  readonly free: string;
  readonly sold: ReadonlyArray<{ readonly plan: string; readonly priceId: string }>;
}

const graceS = 7 * 86_400;

/** The best plan of those that the customer's subscriptions earn. `nowS` is Stripe's clock in epoch seconds. */
export function rightTier(customer: CustomerView, { free, sold }: Assortment, nowS: number): string {
  if (customer.deleted) return free;
  const earning = customer.subscriptions.filter((one) => isInForce(customer, one, nowS));
  const earned = sold.filter(({ priceId }) => earning.some(({ priceIds }) => priceIds.includes(priceId)));
  return earned.at(-1)?.plan ?? free;
}

function isInForce(customer: CustomerView, one: SubscriptionView, nowS: number): boolean {
  if (wasTakenBack(one) || isDisputed(one)) return false;
  if (!one.everPaid && !beganFree(customer, one)) return false;
  if (one.status === 'active' || one.status === 'trialing') return true;
  return one.status === 'past_due' && one.pastDueSince !== null && nowS < one.pastDueSince + graceS;
}

function beganFree(customer: CustomerView, one: SubscriptionView): boolean {
  return customer.sessions.some(
    (session) => session.subscription === one.id && session.paymentStatus === 'no_payment_required',
  );
}

function isDisputed({ payments }: SubscriptionView): boolean {
  return payments.some(({ disputes }) => disputes.some(({ open, status }) => open && !status.startsWith('warning')));
}

/** True when all payments for the current period were refunded, or a dispute about any payment was lost. */
function wasTakenBack({ currentPayments, payments }: SubscriptionView): boolean {
  if (currentPayments.length > 0 && currentPayments.every(({ fullyRefunded }) => fullyRefunded)) return true;
  return payments.some(({ disputes }) => disputes.some(({ status }) => status === 'lost'));
}

/** Subscriptions that should have been cancelled after a refund or lost dispute, but were not. */
export function notCancelled(customer: CustomerView, { sold }: Assortment): string[] {
  const over = ['canceled', 'incomplete_expired'];
  return customer.subscriptions
    .filter((one) => sold.some(({ priceId }) => one.priceIds.includes(priceId)))
    .filter((one) => wasTakenBack(one) && !over.includes(one.status))
    .map(({ id, status }) => `${id} is ${status}`);
}
