/** Generates random histories of customers, for tests of many orders of events. */
import type { FakeStripe } from './fake-stripe.ts';
import type { CheckoutChoice } from './model/checkout.ts';
import type { SubscriptionView } from './oracle.ts';
import type { Outcome } from './records.ts';

export interface Step {
  readonly name: string;
  run(): void;
}

const outcomes: readonly Outcome[] = ['succeeds', 'fails', 'requires_action', 'async_pending'];
const dayS = 86_400;

export interface Prices {
  /** One price of each plan that is sold. */
  readonly sold: readonly string[];
  /** A price that buys no plan. */
  readonly other: string;
}

/** Every step the customer's present state allows; none of them throws. Empty once the customer is deleted. */
export function possibleSteps(fake: FakeStripe, customerId: string, prices: Prices): Step[] {
  const view = fake.customer(customerId);
  if (view.deleted) return [];
  const open = view.sessions.filter((session) => session.status === 'open');
  return [
    ...subscribing(fake, customerId, prices),
    ...open.flatMap((session) => checkoutSteps(fake, session.id)),
    ...view.subscriptions.flatMap((one) =>
      one.isMoving ? moveSteps(fake, one) : [...paymentSteps(fake, one), ...changeSteps(fake, one, prices)],
    ),
    ...view.subscriptions.flatMap((one) => moneyBackSteps(fake, one)),
    ...[1, 8, 31].map((days) => step(`${days} days pass`, () => fake.advanceBy(days * dayS))),
    step('customer is deleted', () => fake.deleteCustomer(customerId)),
  ];
}

function step(name: string, run: () => unknown): Step {
  return { name, run: () => void run() };
}

function subscribing(fake: FakeStripe, customerId: string, { sold, other }: Prices): Step[] {
  const subscribe = (priceId: string, choice: CheckoutChoice) => fake.subscribe(customerId, { priceId, ...choice });
  return [
    ...sold.flatMap((priceId) => [
      ...outcomes.map((payment) =>
        step(`subscribes to ${priceId}, payment ${payment}`, () => subscribe(priceId, { payment })),
      ),
      step(`subscribes to ${priceId}, pending but active`, () =>
        subscribe(priceId, { payment: 'async_pending', activeWhilePending: true }),
      ),
      step(`begins a trial of ${priceId}`, () => subscribe(priceId, { payment: 'succeeds', trialDays: 7 })),
      step(`begins a trial of ${priceId} without a card`, () =>
        subscribe(priceId, { payment: 'succeeds', trialDays: 7, paymentMethod: false }),
      ),
    ]),
    step('subscribes to the other price', () => subscribe(other, { payment: 'succeeds' })),
  ];
}

function checkoutSteps(fake: FakeStripe, id: string): Step[] {
  return [
    ...outcomes.map((payment) => step(`checks out, payment ${payment}`, () => fake.completeCheckout(id, { payment }))),
    step('checkout expires', () => fake.expireCheckout(id)),
  ];
}

function paymentSteps(fake: FakeStripe, one: SubscriptionView): Step[] {
  const runs = ['active', 'trialing', 'past_due', 'unpaid'].includes(one.status);
  const isPending = one.latestInvoice?.paymentStatus === 'processing';
  const owes = one.latestInvoice?.status === 'open' && !isPending;
  const isAlive = runs || one.status === 'incomplete' || one.status === 'paused';
  return [
    ...when(runs && !isPending, [
      ...([...outcomes, 'finalization_fails'] as const).map((outcome) =>
        step(`renews, ${outcome}`, () => fake.renew(one.id, { outcome })),
      ),
      step('all retries fail', () => fake.exhaustRetries(one.id)),
      step('bank will refuse', () => fake.setBank(one.id, 'fails')),
      step('bank will pay', () => fake.setBank(one.id, 'succeeds')),
    ]),
    ...when((runs || owes) && isAlive && !isPending && (one.status !== 'paused' || owes), [
      step('payment fails', () => fake.failPayment(one.id)),
    ]),
    ...when(owes && isAlive, [step('pays what is owed', () => fake.recover(one.id))]),
    ...when(owes, [
      step('invoice forgiven', () => fake.markUncollectible(one.id)),
      step('invoice voided', () => fake.voidInvoice(one.id)),
    ]),
    ...when(isPending, [
      step('bank confirms', () => fake.payAsync(one.id, 'succeeds')),
      step('bank refuses', () => fake.payAsync(one.id, 'fails')),
    ]),
  ];
}

function changeSteps(fake: FakeStripe, one: SubscriptionView, { sold, other }: Prices): Step[] {
  const runs = ['active', 'trialing', 'past_due', 'unpaid'].includes(one.status);
  const ended = one.status === 'canceled' || one.status === 'incomplete_expired';
  const isSettled = one.status === 'active' && one.latestInvoice?.status === 'paid';
  const others = [...sold, other].filter((priceId) => !one.priceIds.includes(priceId));
  return [
    ...when(runs, [
      step('cancels at period end', () => fake.cancelAtPeriodEnd(one.id)),
      step('cancels by date', () => fake.cancelAtPeriodEnd(one.id, { style: 'date' })),
      step('collection paused', () => fake.pause(one.id, { collection: 'void' })),
      ...others.map((priceId) => step(`moves to ${priceId}`, () => fake.changePrice(one.id, priceId))),
    ]),
    ...when(
      isSettled,
      others.map((priceId) => step(`begins a move to ${priceId}`, () => fake.beginPendingUpdate(one.id, priceId))),
    ),
    ...when(runs && one.endsAt !== null, [step('keeps running', () => fake.resume(one.id))]),
    ...when(runs && one.status !== 'unpaid', [step('pauses', () => fake.pause(one.id))]),
    ...when(one.status === 'paused', [
      step('unpauses', () => fake.unpause(one.id)),
      step('fails to unpause', () => fake.unpause(one.id, { outcome: 'fails' })),
    ]),
    ...when(!ended, [step('cancels now', () => fake.cancelNow(one.id))]),
  ];
}

/** A move to another price whose payment the bank has refused. */
function moveSteps(fake: FakeStripe, one: SubscriptionView): Step[] {
  return [
    step('pays for the move', () => fake.applyPendingUpdate(one.id)),
    step('the move expires', () => fake.expirePendingUpdate(one.id)),
    step('cancels now', () => fake.cancelNow(one.id)),
  ];
}

function moneyBackSteps(fake: FakeStripe, one: SubscriptionView): Step[] {
  return one.payments.flatMap(({ chargeId, amount, refunded, disputes }) => {
    const [dispute] = disputes;
    const open = disputes.find((each) => each.open);
    const isRefundable = dispute === undefined && refunded < amount;
    return [
      ...when(isRefundable, [
        step('refunded in full', () => fake.refund(chargeId)),
        step('refunded by a cent', () => fake.refund(chargeId, { amount: 1 })),
        step('refund comes back', () => fake.failRefund(fake.refund(chargeId).id)),
      ]),
      ...when(dispute === undefined, [
        step('disputed', () => fake.openDispute(chargeId)),
        step('asked about', () => fake.openDispute(chargeId, { inquiry: true })),
      ]),
      ...(open
        ? (['won', 'lost', 'warning_closed'] as const).map((end) =>
            step(`dispute ${end}`, () => fake.closeDispute(open.id, end)),
          )
        : []),
    ];
  });
}

function when(condition: boolean, steps: Step[]): Step[] {
  return condition ? steps : [];
}
