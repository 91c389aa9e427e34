/** The plan in every state of a subscription, simulated at the fake Stripe. */
import { describe, expect, it } from 'vitest';
import { customerOf, startCheckout } from './shop.ts';
import { dayS, expectPlan, setUpWithStripe, newUser, pass, sql, stripe, subscribe, user } from './beside-stripe.ts';

setUpWithStripe();

describe('a subscription that begins', () => {
  it('is Basic before anything is paid', async () => {
    await startCheckout(user);
    await expectPlan('Basic', 'none');
  });

  it('active: Pro, with the end of the period', async () => {
    const id = await subscribe();
    await expectPlan('Pro', 'active');
    const { body } = await user.call('GET', '/subscribe/status');
    const { periodEnd } = stripe.customer(await customerOf(sql, user.number)).subscriptions[0]!;
    expect(new Date(body.current_period_end).getTime()).toBe(periodEnd * 1000);
    expect(body.cancel_at_period_end).toBe(false);
    stripe.cancelNow(id);
    await expectPlan('Basic', 'canceled');
  });

  it('trialing: Pro, and after the trial according to the payment', async () => {
    await subscribe({ payment: 'succeeds', trialDays: 7 });
    await expectPlan('Pro', 'trialing');
    await pass(8 * dayS);
    await expectPlan('Pro', 'active');
  });

  it('trialing without a card: the grace period begins when the trial ends', async () => {
    await subscribe({ payment: 'succeeds', trialDays: 7, paymentMethod: false });
    await expectPlan('Pro', 'trialing');
    await pass(8 * dayS);
    await expectPlan('Pro', 'past_due');
    await pass(7 * dayS);
    await expectPlan('Basic', 'past_due');
  });

  it('incomplete: Basic, and Pro once the customer pays', async () => {
    const id = await subscribe({ payment: 'requires_action' });
    await expectPlan('Basic', 'incomplete');
    stripe.recover(id);
    await expectPlan('Pro', 'active');
  });

  it('incomplete_expired: Basic', async () => {
    await subscribe({ payment: 'fails' });
    await pass(dayS);
    await expectPlan('Basic', 'incomplete_expired');
  });

  it('Checkout completed but unpaid: Basic until the bank debit is paid', async () => {
    const id = await subscribe({ payment: 'async_pending' });
    await expectPlan('Basic', 'incomplete');
    stripe.payAsync(id, 'succeeds');
    await expectPlan('Pro', 'active');
  });

  it('the same when Stripe marks it active at once', async () => {
    const id = await subscribe({ payment: 'async_pending', activeWhilePending: true });
    await expectPlan('Basic', 'active');
    stripe.payAsync(id, 'succeeds');
    await expectPlan('Pro', 'active');
  });

  it('a first bank debit that fails: Basic, without a grace period', async () => {
    const id = await subscribe({ payment: 'async_pending', activeWhilePending: true });
    stripe.payAsync(id, 'fails');
    await expectPlan('Basic', 'past_due');
  });
});

describe('a running subscription', () => {
  it('cancelled at the period end: Pro until it ends', async () => {
    for (const style of ['flag', 'date'] as const) {
      await newUser();
      const id = await subscribe();
      stripe.cancelAtPeriodEnd(id, { style });
      await expectPlan('Pro', 'active');
      expect((await user.call('GET', '/subscribe/status')).body.cancel_at_period_end).toBe(true);
      await pass(27 * dayS);
      await expectPlan('Pro', 'active');
      await pass(5 * dayS);
      await expectPlan('Basic', 'canceled');
    }
  });

  it('cancellation revoked: Pro beyond the period', async () => {
    const id = await subscribe();
    stripe.cancelAtPeriodEnd(id);
    stripe.resume(id);
    await pass(32 * dayS);
    await expectPlan('Pro', 'active');
    expect((await user.call('GET', '/subscribe/status')).body.cancel_at_period_end).toBe(false);
  });

  it('past_due: Pro for 7 days from the first failure, not extended by later ones', async () => {
    const id = await subscribe({ payment: 'succeeds', later: 'fails' });
    stripe.failPayment(id);
    const since = stripe.customer(await customerOf(sql, user.number)).subscriptions[0]!.pastDueSince!;
    await expectPlan('Pro', 'past_due');
    await pass(4 * dayS);
    stripe.failPayment(id);
    await expectPlan('Pro', 'past_due');
    stripe.advanceTo(since + 7 * dayS - 60);
    await expectPlan('Pro', 'past_due');
    // No event arrives now: the product must notice the end of the grace period.
    const before = stripe.customer(await customerOf(sql, user.number));
    stripe.advanceTo(since + 7 * dayS);
    expect(stripe.customer(before.id)).toEqual(before);
    await expectPlan('Basic', 'past_due');
    stripe.recover(id);
    await expectPlan('Pro', 'active');
  });

  it('past_due a second time: the grace period restarts', async () => {
    const id = await subscribe();
    stripe.failPayment(id);
    stripe.recover(id);
    await pass(40 * dayS);
    await expectPlan('Pro', 'active');
    stripe.setBank(id, 'fails');
    stripe.failPayment(id);
    await pass(6 * dayS);
    await expectPlan('Pro', 'past_due');
  });

  it('past_due by a bank debit: the grace period begins when the bank refuses', async () => {
    const id = await subscribe();
    stripe.setBank(id, 'async_pending');
    await pass(31 * dayS);
    await pass(8 * dayS);
    await expectPlan('Pro', 'active');
    stripe.payAsync(id, 'fails');
    await expectPlan('Pro', 'past_due');
    await pass(7 * dayS);
    await expectPlan('Basic', 'past_due');
  });

  it('paused: Basic, and Pro when it resumes', async () => {
    const id = await subscribe();
    stripe.pause(id);
    await expectPlan('Basic', 'paused');
    stripe.unpause(id);
    await expectPlan('Pro', 'active');
  });

  it('only its collection paused: Pro', async () => {
    const id = await subscribe();
    stripe.pause(id, { collection: 'void' });
    await pass(32 * dayS);
    await expectPlan('Pro', 'active');
  });

  it('an unknown status: Basic, until it is a known one', async () => {
    const id = await subscribe();
    stripe.setStatus(id, 'hibernating');
    await expectPlan('Basic', 'hibernating');
    stripe.setStatus(id, 'active');
    await expectPlan('Pro', 'active');
  });

  it('moved to another price: Basic, and Pro when moved back', async () => {
    const id = await subscribe();
    stripe.changePrice(id, stripe.createPrice().id);
    await expectPlan('Basic', 'none');
    stripe.changePrice(id, stripe.proPriceId);
    await expectPlan('Pro', 'active');
  });

  it('a change of price with a pending payment: the current price counts', async () => {
    const id = await subscribe();
    stripe.beginPendingUpdate(id, stripe.createPrice().id);
    await expectPlan('Pro', 'active');
    stripe.expirePendingUpdate(id);
    await expectPlan('Pro', 'active');
    stripe.beginPendingUpdate(id, stripe.createPrice().id);
    stripe.applyPendingUpdate(id);
    await expectPlan('Basic', 'none');
  });

  it('a renewal whose invoice cannot be finalized: Pro while its status is active', async () => {
    const id = await subscribe();
    stripe.renew(id, { outcome: 'finalization_fails' });
    await expectPlan('Pro', 'active');
  });

  it("an invoice marked uncollectible or voided: according to Stripe's status", async () => {
    const id = await subscribe();
    stripe.failPayment(id);
    stripe.markUncollectible(id);
    await pass(8 * dayS);
    await expectPlan('Pro', 'active');
    stripe.failPayment(id);
    stripe.voidInvoice(id);
    await pass(8 * dayS);
    await expectPlan('Pro', 'active');
  });

  it('the customer deleted: Basic, and able to subscribe again', async () => {
    await subscribe();
    const customer = await customerOf(sql, user.number);
    await expectPlan('Pro', 'active');
    stripe.deleteCustomer(customer);
    await expectPlan('Basic', 'none');
    await subscribe();
    await expectPlan('Pro', 'active');
    expect(await customerOf(sql, user.number)).not.toBe(customer);
  });
});
