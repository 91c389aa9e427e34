/** Computes the right plan from Stripe's final state. Shares no code with the product. */
import type { FakeStripe } from '../../dev/stripe/fake-stripe.ts';

type CustomerView = ReturnType<FakeStripe['customer']>;
type SubscriptionView = CustomerView['subscriptions'][number];

const graceS = 7 * 86_400;

/** `nowS` is Stripe's clock in epoch seconds. */
export function rightTier(customer: CustomerView, proPriceId: string, nowS: number): 'Basic' | 'Pro' {
  if (customer.deleted) return 'Basic';
  return customer.subscriptions.some((one) => earnsPro(customer, one, proPriceId, nowS)) ? 'Pro' : 'Basic';
}

function earnsPro(customer: CustomerView, one: SubscriptionView, proPriceId: string, nowS: number): boolean {
  if (!one.priceIds.includes(proPriceId)) return false;
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

/** True when the current period was refunded, or a dispute about any payment was lost. */
function wasTakenBack({ currentPayment, payments }: SubscriptionView): boolean {
  if (currentPayment?.fullyRefunded) return true;
  return payments.some(({ disputes }) => disputes.some(({ status }) => status === 'lost'));
}

/** Subscriptions that should have been cancelled after a refund or lost dispute, but were not. */
export function notCancelled(customer: CustomerView, proPriceId: string): string[] {
  const over = ['canceled', 'incomplete_expired'];
  return customer.subscriptions
    .filter((one) => one.priceIds.includes(proPriceId) && wasTakenBack(one) && !over.includes(one.status))
    .map(({ id, status }) => `${id} is ${status}`);
}
