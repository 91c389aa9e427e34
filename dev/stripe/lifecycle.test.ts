/** Histories of customers, and the objects and events they leave behind. */
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { startFakeStripe } from './fake-stripe.ts';
import type { SubscriptionRecord } from './records.ts';

const fake = await startFakeStripe();
afterAll(() => fake[Symbol.asyncDispose]());
beforeEach(() => fake.reset());

const dayS = 86_400;

function subscribed(choice: Partial<Parameters<typeof fake.subscribe>[1]> = {}): SubscriptionRecord {
  const customer = fake.createCustomer();
  return fake.subscribe(customer.id, { priceId: fake.proPriceId, payment: 'succeeds', ...choice }).subscription;
}

/** The types of the events `work` caused. */
function typesOf(work: () => void): string[] {
  const before = fake.events().length;
  work();
  return fake
    .events()
    .slice(before)
    .map((event) => event.type);
}

function statusOf(subscription: SubscriptionRecord): string | undefined {
  return fake.customer(subscription.customer).subscriptions.find((one) => one.id === subscription.id)?.status;
}

describe('checkout', () => {
  it('paid: incomplete first, then active, then completed', () => {
    const types = typesOf(() => subscribed());
    const wanted = ['customer.subscription.created', 'invoice.paid', 'customer.subscription.updated'];
    expect(types.filter((type) => wanted.includes(type))).toEqual(wanted);
    expect(types.at(-1)).toBe('checkout.session.completed');
    const [created] = fake.events('customer.subscription.created');
    expect(created?.data.object).toMatchObject({ status: 'incomplete' });
    const [updated] = fake.events('customer.subscription.updated');
    expect(updated?.data).toMatchObject({
      object: { status: 'active' },
      previous_attributes: { status: 'incomplete' },
    });
  });

  it('declined and to be confirmed: the session stays open for another try', () => {
    const customer = fake.createCustomer();
    const priceId = fake.proPriceId;
    const { session, subscription } = fake.subscribe(customer.id, { priceId, payment: 'fails' });
    expect(session).toMatchObject({ status: 'open', subscription: null });
    expect(fake.events('invoice.payment_failed')).toHaveLength(1);
    fake.completeCheckout(session.id, { payment: 'requires_action' });
    expect(fake.events('invoice.payment_action_required')).toHaveLength(1);
    const done = fake.completeCheckout(session.id, { payment: 'succeeds' });
    expect(done.session).toMatchObject({ status: 'complete', subscription: subscription.id, payment_status: 'paid' });
    expect(statusOf(subscription)).toBe('active');
    expect(() => fake.completeCheckout(session.id, { payment: 'succeeds' })).toThrow(/complete, not open/);
  });

  it('paid later: completed but unpaid until the bank answers', () => {
    for (const outcome of ['succeeds', 'fails'] as const) {
      const customer = fake.createCustomer();
      const priceId = fake.proPriceId;
      const { session, subscription } = fake.subscribe(customer.id, { priceId, payment: 'async_pending' });
      expect(session).toMatchObject({ status: 'complete', payment_status: 'unpaid' });
      expect(statusOf(subscription)).toBe('incomplete');
      const types = typesOf(() => fake.payAsync(session.id, outcome));
      const word = outcome === 'succeeds' ? 'succeeded' : 'failed';
      expect(types).toContain(`checkout.session.async_payment_${word}`);
      expect(statusOf(subscription)).toBe(outcome === 'succeeds' ? 'active' : 'incomplete');
    }
    const early = subscribed({ payment: 'async_pending', activeWhilePending: true });
    expect(early.status).toBe('active');
    fake.payAsync(early.id, 'fails');
    expect(statusOf(early)).toBe('past_due');
  });

  it('never paid: the session expires after a day, the subscription after 23 hours', () => {
    const subscription = subscribed({ payment: 'fails' });
    const types = typesOf(() => fake.advanceBy(2 * dayS));
    expect(types).toEqual(expect.arrayContaining(['invoice.voided', 'checkout.session.expired']));
    expect(statusOf(subscription)).toBe('incomplete_expired');
  });
});

describe('renewal', () => {
  it('moves the period month by month from the anchor', () => {
    const subscription = subscribed();
    const first = subscription.items.data[0]?.current_period_end ?? 0;
    const types = typesOf(() => fake.advanceTo(first));
    expect(types).toEqual(expect.arrayContaining(['invoice.created', 'invoice.finalized', 'invoice.paid']));
    const view = fake.customer(subscription.customer).subscriptions[0];
    expect(view).toMatchObject({
      status: 'active',
      periodStart: first,
      currentPayments: [{ amount: 999, refunded: 0 }],
    });
    expect(view?.payments).toHaveLength(2);
  });

  it('failing: past_due with the time it began, recovered, or given up after the last retry', () => {
    const one = subscribed();
    fake.failPayment(one.id);
    const since = fake.now() - 1;
    expect(fake.customer(one.customer).subscriptions[0]).toMatchObject({ status: 'past_due', pastDueSince: since });
    fake.advanceBy(60);
    fake.failPayment(one.id);
    expect(fake.customer(one.customer).subscriptions[0]?.pastDueSince).toBe(since);
    fake.recover(one.id);
    expect(fake.customer(one.customer).subscriptions[0]).toMatchObject({ status: 'active', pastDueSince: null });

    fake.setBank(one.id, 'fails');
    const types = typesOf(() => fake.advanceBy(60 * dayS));
    expect(types.filter((type) => type === 'invoice.payment_failed')).toHaveLength(4);
    expect(types).toContain('customer.subscription.deleted');
    expect(statusOf(one)).toBe('canceled');
  });

  it('that cannot be finalised leaves a draft', () => {
    const subscription = subscribed();
    const types = typesOf(() => fake.renew(subscription.id, { outcome: 'finalization_fails' }));
    expect(types).toContain('invoice.finalization_failed');
    expect(fake.customer(subscription.customer).subscriptions[0]?.latestInvoice?.status).toBe('draft');
    fake.recover(subscription.id);
    expect(fake.customer(subscription.customer).subscriptions[0]?.latestInvoice?.status).toBe('paid');
  });

  it('voided or forgiven counts as settled', () => {
    const [one, two] = [subscribed(), subscribed()];
    fake.failPayment(one.id);
    expect(fake.voidInvoice(one.id).status).toBe('void');
    fake.failPayment(two.id);
    expect(fake.markUncollectible(two.id).status).toBe('uncollectible');
    expect([statusOf(one), statusOf(two)]).toEqual(['active', 'active']);
    expect(fake.events('invoice.marked_uncollectible')).toHaveLength(1);
  });

  it('follows the account: unpaid, paused or past_due at the end of the retries', async () => {
    for (const afterRetries of ['unpaid', 'paused', 'past_due'] as const) {
      await using other = await startFakeStripe({ account: { afterRetries } });
      const customer = other.createCustomer();
      const { subscription } = other.subscribe(customer.id, { priceId: other.proPriceId, payment: 'succeeds' });
      expect(other.exhaustRetries(subscription.id).status).toBe(afterRetries);
    }
  });
});

describe('trials', () => {
  it('announce their end and then charge', () => {
    const subscription = subscribed({ trialDays: 14 });
    expect(subscription.status).toBe('trialing');
    expect(fake.events('checkout.session.completed')[0]?.data.object).toMatchObject({
      payment_status: 'no_payment_required',
    });
    expect(typesOf(() => fake.advanceBy(12 * dayS))).toEqual(['customer.subscription.trial_will_end']);
    expect(typesOf(() => fake.advanceBy(2 * dayS))).toContain('invoice.paid');
    expect(statusOf(subscription)).toBe('active');
  });

  it('without a payment method go past due, or pause if set to', () => {
    const subscription = subscribed({ trialDays: 7, paymentMethod: false });
    fake.advanceBy(8 * dayS);
    expect(statusOf(subscription)).toBe('past_due');
  });
});

describe('ending and pausing', () => {
  it('at the period end, unless taken back', () => {
    const [ends, stays] = [subscribed(), subscribed()];
    expect(fake.cancelAtPeriodEnd(ends.id)).toMatchObject({ status: 'active', cancel_at_period_end: true });
    const dated = fake.cancelAtPeriodEnd(stays.id, { style: 'date' });
    expect(dated).toMatchObject({ cancel_at_period_end: false, cancel_at: expect.any(Number) as number });
    fake.resume(stays.id);
    fake.advanceBy(32 * dayS);
    expect([statusOf(ends), statusOf(stays)]).toEqual(['canceled', 'active']);
    expect(fake.events('customer.subscription.deleted')).toHaveLength(1);
  });

  it('by pausing the subscription or only its collection', () => {
    const [whole, money] = [subscribed(), subscribed()];
    expect(typesOf(() => fake.pause(whole.id))).toContain('customer.subscription.paused');
    fake.pause(money.id, { collection: 'void' });
    fake.advanceBy(32 * dayS);
    expect([statusOf(whole), statusOf(money)]).toEqual(['paused', 'active']);
    expect(fake.customer(money.customer).subscriptions[0]?.latestInvoice?.status).toBe('void');
    expect(typesOf(() => fake.unpause(whole.id))).toContain('customer.subscription.resumed');
    expect(statusOf(whole)).toBe('active');
    fake.unpause(money.id);
  });

  it('by other prices, now or once paid', () => {
    const other = fake.createPrice({ unitAmount: 2000 });
    const [now, later, never] = [subscribed(), subscribed(), subscribed()];
    expect(fake.changePrice(now.id, other.id).items.data[0]?.price.id).toBe(other.id);
    for (const one of [later, never]) expect(fake.beginPendingUpdate(one.id, other.id).status).toBe('active');
    expect(typesOf(() => fake.applyPendingUpdate(later.id))).toContain('customer.subscription.pending_update_applied');
    expect(typesOf(() => fake.advanceBy(dayS))).toContain('customer.subscription.pending_update_expired');
    const prices = [later, never].map((one) => fake.customer(one.customer).subscriptions[0]?.priceIds);
    expect(prices).toEqual([[other.id], [fake.proPriceId]]);
  });
});

describe('money going back', () => {
  it('refunds in part, in full, pending and failing', () => {
    const subscription = subscribed();
    fake.refund(subscription.id, { amount: 99 });
    const pending = fake.refund(subscription.id, { pending: true });
    const payment = () => fake.customer(subscription.customer).subscriptions[0]?.currentPayments[0];
    expect(payment()).toMatchObject({ refunded: 999, fullyRefunded: true });
    expect(typesOf(() => fake.failRefund(pending.id))).toEqual(['refund.updated', 'refund.failed', 'charge.updated']);
    expect(payment()).toMatchObject({ refunded: 99, fullyRefunded: false });
    const last = fake.refund(subscription.id, { pending: true });
    expect(fake.settleRefund(last.id).status).toBe('succeeded');
    expect(statusOf(subscription)).toBe('active');
    const changes = fake.events('charge.refunded').map((event) => event.data.previous_attributes);
    expect(changes[0]).toEqual({ amount_refunded: 0 });
  });

  it('disputes withdraw funds, and give them back when won', () => {
    const [won, lost, asked] = [subscribed(), subscribed(), subscribed()];
    const types = typesOf(() => fake.closeDispute(fake.openDispute(won.id).id, 'won'));
    expect(types.filter((type) => type.startsWith('charge.dispute.') && !type.endsWith('updated'))).toEqual([
      'charge.dispute.created',
      'charge.dispute.funds_withdrawn',
      'charge.dispute.closed',
      'charge.dispute.funds_reinstated',
    ]);
    const dispute = fake.openDispute(lost.id);
    expect(fake.customer(lost.customer).subscriptions[0]?.currentPayments[0]?.disputes[0]).toMatchObject({
      open: true,
    });
    fake.closeDispute(dispute.id, 'lost');
    expect(fake.customer(lost.customer).subscriptions[0]?.currentPayments[0]?.disputes[0]).toMatchObject({
      status: 'lost',
      open: false,
    });
    expect(typesOf(() => fake.openDispute(asked.id, { inquiry: true }))).not.toContain(
      'charge.dispute.funds_withdrawn',
    );
  });
});

it('keeps the time that was set', async () => {
  await using still = await startFakeStripe({ nowMs: () => Date.UTC(2026, 0, 31), account: { tickSeconds: 0 } });
  const customer = still.createCustomer();
  const { subscription } = still.subscribe(customer.id, { priceId: still.proPriceId, payment: 'succeeds' });
  expect(subscription.items.data[0]?.current_period_end).toBe(Date.UTC(2026, 1, 28) / 1000);
  still.advanceTo(new Date(Date.UTC(2026, 2, 1)));
  expect(still.customer(customer.id).subscriptions[0]?.periodEnd).toBe(Date.UTC(2026, 2, 31) / 1000);
});
