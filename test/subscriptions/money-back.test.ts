/** The plan after refunds, disputes, unpaid invoices, and with several subscriptions. */
import { describe, expect, it } from 'vitest';
import { customerOf, startCheckout } from './shop.ts';
import { dayS, expectPlan, setUpWithStripe, pass, sql, stripe, subscribe, user } from './beside-stripe.ts';

setUpWithStripe();

describe('refunds and disputes', () => {
  const statusAtStripe = async () => stripe.customer(await customerOf(sql, user.number)).subscriptions[0]!.status;

  it('a full refund of the current period: Basic, and the subscription cancelled', async () => {
    const id = await subscribe();
    stripe.refund(id);
    await expectPlan('Basic', 'canceled');
    expect(await statusAtStripe()).toBe('canceled');
  });

  it('a refund in parts: Pro until the last one', async () => {
    const id = await subscribe();
    stripe.refund(id, { amount: 400 });
    await expectPlan('Pro', 'active');
    stripe.refund(id, { amount: 599 });
    await expectPlan('Basic', 'canceled');
  });

  it('a refund of an earlier period: Pro', async () => {
    const id = await subscribe();
    const { payments } = stripe.customer(await customerOf(sql, user.number)).subscriptions[0]!;
    await pass(32 * dayS);
    stripe.refund(payments[0]!.chargeId);
    await expectPlan('Pro', 'active');
    stripe.refund(id);
    await expectPlan('Basic', 'canceled');
  });

  it('an open dispute: Basic until it is won, then Pro again', async () => {
    const id = await subscribe();
    const dispute = stripe.openDispute(id);
    await expectPlan('Basic', 'active');
    expect(await statusAtStripe()).toBe('active');
    stripe.closeDispute(dispute.id, 'won');
    await expectPlan('Pro', 'active');
  });

  it('a lost dispute: Basic, and the subscription cancelled', async () => {
    const id = await subscribe();
    stripe.closeDispute(stripe.openDispute(id).id, 'lost');
    await expectPlan('Basic', 'canceled');
    expect(await statusAtStripe()).toBe('canceled');
  });

  it('a dispute lost while the subscription is paused: cancelled too, so that it cannot resume', async () => {
    const id = await subscribe();
    stripe.pause(id);
    stripe.closeDispute(stripe.openDispute(id).id, 'lost');
    await expectPlan('Basic', 'canceled');
  });

  it('an inquiry: Pro', async () => {
    const id = await subscribe();
    const inquiry = stripe.openDispute(id, { inquiry: true });
    await expectPlan('Pro', 'active');
    stripe.closeDispute(inquiry.id, 'warning_closed');
    await expectPlan('Pro', 'active');
  });

  it('after a refund, a new subscription is Pro again', async () => {
    stripe.refund(await subscribe());
    await expectPlan('Basic', 'canceled');
    await subscribe();
    await expectPlan('Pro', 'active');
  });
});

describe('a subscription whose retries are exhausted', () => {
  it.each(['canceled', 'unpaid', 'paused'] as const)('%s: Basic', async (afterRetries) => {
    stripe.setAccount({ afterRetries });
    stripe.exhaustRetries(await subscribe());
    await expectPlan('Basic', afterRetries);
    stripe.setAccount({ afterRetries: 'past_due' });
  });
});

describe('several subscriptions', () => {
  it('another price alone does not count', async () => {
    await startCheckout(user);
    const customer = await customerOf(sql, user.number);
    stripe.subscribe(customer, { priceId: stripe.createPrice().id, payment: 'succeeds' });
    await expectPlan('Basic', 'none');
  });

  it('the best one counts, with any states of the others', async () => {
    const first = await subscribe();
    const customer = await customerOf(sql, user.number);
    const pro = { priceId: stripe.proPriceId, payment: 'succeeds' } as const;
    const second = stripe.subscribe(customer, pro).subscription.id;
    stripe.subscribe(customer, { priceId: stripe.createPrice().id, payment: 'succeeds' });
    stripe.refund(first);
    await expectPlan('Pro', 'active');
    expect(stripe.customer(customer).subscriptions.map(({ status }) => status)).toEqual([
      'canceled',
      'active',
      'active',
    ]);
    stripe.failPayment(second);
    await expectPlan('Pro', 'past_due');
    stripe.subscribe(customer, pro);
    stripe.cancelNow(second);
    await expectPlan('Pro', 'active');
  });
});
