/** The payments port with the official SDK and the fake Stripe. */
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { stripePayments, type StripeSettings } from '../../server/adapters/payments/stripe.ts';
import { CustomerGone, InvalidSignature, PaymentsUnavailable, type Payments } from '../../server/ports/payments.ts';
import { startFakeStripe } from '../../dev/stripe/fake-stripe.ts';

const fake = await startFakeStripe();
const settings: StripeSettings = {
  secretKey: fake.secretKey,
  webhookSecret: 'whsec_snapshots',
  thinWebhookSecret: 'whsec_thin',
  soldPrices: () => [fake.proPriceId],
  apiBase: fake.url,
};
const payments = stripePayments(settings);
const endpoint = 'http://product.invalid';
afterAll(() => fake[Symbol.asyncDispose]());
beforeEach(() => {
  fake.reset();
  fake.deliveries.endpoints.splice(
    0,
    Infinity,
    { url: endpoint, secret: settings.webhookSecret },
    { url: endpoint, secret: settings.thinWebhookSecret!, thin: true },
  );
});

const pro = { priceId: fake.proPriceId, payment: 'succeeds' } as const;
const checkout = { userId: 17, priceId: fake.proPriceId, returnUrl: 'https://app.example.com' };

/** The facts of the only subscription. */
async function onlyFacts(customerId: string) {
  const facts = await payments.readSubscriptions(customerId);
  expect(facts).toHaveLength(1);
  return facts![0]!;
}

describe('customers and sessions', () => {
  it('are created once for each key', async () => {
    const made = await Promise.all(
      Array.from({ length: 5 }, () => payments.createCustomer({ userId: 17, idempotencyKey: 'customer-17' })),
    );
    expect(new Set(made).size).toBe(1);
    const [customerId] = made as [string];
    const sessions = await Promise.all(
      Array.from({ length: 5 }, () =>
        payments.createCheckout({ ...checkout, customerId, idempotencyKey: 'checkout-17' }),
      ),
    );
    expect(new Set(sessions.map(({ id }) => id)).size).toBe(1);
    const other = await payments.createCheckout({ ...checkout, customerId, idempotencyKey: 'checkout-17-2' });
    expect(other.id).not.toBe(sessions[0]!.id);
  });

  it('report their state: open, complete, expired, unknown', async () => {
    const customerId = fake.createCustomer().id;
    const open = await payments.createCheckout({ ...checkout, customerId, idempotencyKey: 'a' });
    expect(open).toMatchObject({ status: 'open', url: `${fake.url}/c/pay/${open.id}` });
    expect(open.expiresAt.getTime() - fake.now() * 1000).toBeGreaterThan(23 * 3_600_000);
    expect(await payments.readCheckout(open.id)).toEqual(open);
    fake.completeCheckout(open.id, { payment: 'succeeds' });
    expect(await payments.readCheckout(open.id)).toMatchObject({ status: 'complete', url: null });
    const second = await payments.createCheckout({ ...checkout, customerId, idempotencyKey: 'b' });
    fake.expireCheckout(second.id);
    expect(await payments.readCheckout(second.id)).toMatchObject({ status: 'expired', url: null });
    expect(await payments.readCheckout('cs_of_nobody')).toBeNull();
  });

  it('of a deleted customer throw CustomerGone', async () => {
    const deleted = fake.createCustomer().id;
    fake.deleteCustomer(deleted);
    for (const customerId of [deleted, 'cus_of_another_mode']) {
      const calls = [
        payments.createCheckout({ ...checkout, customerId, idempotencyKey: `gone-${customerId}` }),
        payments.createPortal({ customerId, returnUrl: checkout.returnUrl }),
      ];
      for (const call of calls) await expect(call).rejects.toThrow(CustomerGone);
      expect(await payments.readSubscriptions(customerId)).toBeNull();
    }
  });
});

describe('subscriptions', () => {
  it('are none for a customer without any', async () => {
    expect(await payments.readSubscriptions(fake.createCustomer().id)).toEqual([]);
  });

  it('are reported with their facts', async () => {
    const customer = fake.createCustomer().id;
    const { subscription } = fake.subscribe(customer, pro);
    const { periodEnd } = fake.customer(customer).subscriptions[0]!;
    expect(await onlyFacts(customer)).toEqual({
      id: subscription.id,
      status: 'active',
      priceIds: [fake.proPriceId],
      currentPeriodEnd: new Date(periodEnd * 1000),
      cancelAtPeriodEnd: false,
      everPaid: true,
      pastDueSince: null,
      refunded: false,
      dispute: 'none',
    });
  });

  it('with another price are not ours any more', async () => {
    const customer = fake.createCustomer().id;
    const { subscription } = fake.subscribe(customer, pro);
    fake.refund(subscription.id);
    fake.changePrice(subscription.id, fake.createPrice().id);
    expect((await onlyFacts(customer)).priceIds).not.toContain(fake.proPriceId);
  });

  it('are all read, over several pages of subscriptions, invoices and charges', { timeout: 60_000 }, async () => {
    const customer = fake.createCustomer().id;
    const first = fake.subscribe(customer, pro).subscription.id;
    const dispute = fake.openDispute(first);
    for (let count = 0; count < 110; count++) fake.renew(first);
    for (let count = 0; count < 105; count++) fake.cancelNow(fake.subscribe(customer, pro).subscription.id);
    const facts = await payments.readSubscriptions(customer);
    expect(facts).toHaveLength(106);
    // The disputed charge and its invoice are the oldest, and so on the last pages.
    expect(facts!.find(({ id }) => id === first)).toMatchObject({ status: 'active', dispute: 'open' });
    fake.closeDispute(dispute.id, 'won');
    const after = await payments.readSubscriptions(customer);
    expect(after!.find(({ id }) => id === first)).toMatchObject({ dispute: 'none' });
  });

  it('are past due since the oldest unpaid payment', async () => {
    const customer = fake.createCustomer().id;
    const { subscription } = fake.subscribe(customer, { ...pro, later: 'fails' });
    fake.setAccount({ afterRetries: 'past_due' });
    fake.failPayment(subscription.id);
    const since = new Date(fake.customer(customer).subscriptions[0]!.pastDueSince! * 1000);
    expect((await onlyFacts(customer)).pastDueSince).toEqual(since);
    fake.advanceBy(40 * 86_400);
    expect(fake.customer(customer).subscriptions[0]).toMatchObject({ status: 'past_due' });
    expect((await onlyFacts(customer)).pastDueSince).toEqual(since);
    fake.recover(subscription.id);
    expect((await onlyFacts(customer)).pastDueSince).toBeNull();
    fake.advanceBy(40 * 86_400);
    fake.setBank(subscription.id, 'fails');
    fake.failPayment(subscription.id);
    const again = new Date(fake.customer(customer).subscriptions[0]!.pastDueSince! * 1000);
    expect((await onlyFacts(customer)).pastDueSince).toEqual(again);
    fake.setAccount({ afterRetries: 'canceled' });
  });

  it('distinguish never paid, refunded and disputed', async () => {
    const customer = fake.createCustomer().id;
    const { subscription } = fake.subscribe(customer, { ...pro, payment: 'async_pending', activeWhilePending: true });
    expect(await onlyFacts(customer)).toMatchObject({ status: 'active', everPaid: false });
    fake.payAsync(subscription.id, 'succeeds');
    expect(await onlyFacts(customer)).toMatchObject({ everPaid: true, refunded: false });
    const part = fake.refund(subscription.id, { amount: 998 });
    expect(part.status).toBe('succeeded');
    expect(await onlyFacts(customer)).toMatchObject({ refunded: false });
    const rest = fake.refund(subscription.id, { pending: true });
    expect(await onlyFacts(customer)).toMatchObject({ refunded: true });
    fake.failRefund(rest.id);
    expect(await onlyFacts(customer)).toMatchObject({ refunded: false, dispute: 'none' });
    const { id } = fake.openDispute(subscription.id);
    expect(await onlyFacts(customer)).toMatchObject({ dispute: 'open' });
    fake.closeDispute(id, 'lost');
    expect(await onlyFacts(customer)).toMatchObject({ dispute: 'lost' });
  });

  it('of a free trial count as paid', async () => {
    const customer = fake.createCustomer().id;
    fake.subscribe(customer, { ...pro, trialDays: 7 });
    expect(await onlyFacts(customer)).toMatchObject({ status: 'trialing', everPaid: true, refunded: false });
  });

  it('end when cancelled, also repeatedly, and also when unknown', async () => {
    const customer = fake.createCustomer().id;
    const { subscription } = fake.subscribe(customer, pro);
    await payments.cancelSubscription(subscription.id);
    await payments.cancelSubscription(subscription.id);
    await payments.cancelSubscription('sub_of_nobody');
    expect(await onlyFacts(customer)).toMatchObject({ status: 'canceled' });
  });
});

describe('a failure', () => {
  const calls: [string, (over: Payments) => Promise<unknown>][] = [
    ['createCustomer', (over) => over.createCustomer({ userId: 1, idempotencyKey: crypto.randomUUID() })],
    [
      'createCheckout',
      (over) => over.createCheckout({ ...checkout, customerId: 'cus_1', idempotencyKey: crypto.randomUUID() }),
    ],
    ['readCheckout', (over) => over.readCheckout('cs_1')],
    ['createPortal', (over) => over.createPortal({ customerId: 'cus_1', returnUrl: checkout.returnUrl })],
    ['readSubscriptions', (over) => over.readSubscriptions('cus_1')],
    ['cancelSubscription', (over) => over.cancelSubscription('sub_1')],
    ['findCustomer', (over) => over.findCustomer({ type: 'dispute', id: 'du_1' })],
  ];

  it.each(calls)('%s throws PaymentsUnavailable for every fault, without a secret', async (_name, call) => {
    for (const fault of [{ status: 500 }, { status: 429 }, { status: 400 }, { drop: true }] as const) {
      const heal = fake.faults.inject({ ...fault, times: Infinity });
      const [result] = await Promise.allSettled([call(payments)]);
      heal();
      const error = result.status === 'rejected' ? (result.reason as PaymentsUnavailable) : expect.unreachable();
      expect(error).toBeInstanceOf(PaymentsUnavailable);
      expect(error).not.toBeInstanceOf(CustomerGone);
      expect(error.isFinal).toBe('status' in fault && fault.status !== 429);
      expect(error.message).not.toMatch(/cus_1|sk_test|injected/);
    }
    const stranger = stripePayments({ ...settings, secretKey: 'sk_test_of_somebody_else' });
    await expect(call(stranger)).rejects.toThrow(PaymentsUnavailable);
    await expect(call(stripePayments({ ...settings, apiBase: 'http://127.0.0.1:1' }))).rejects.toThrow(
      PaymentsUnavailable,
    );
  });

  it('that is transient is retried', async () => {
    fake.faults.inject({ status: 500 });
    fake.faults.inject({ drop: true });
    expect(await payments.readSubscriptions(fake.createCustomer().id)).toEqual([]);
  });
});

describe('events', () => {
  const read = (request: { body: string; headers: Readonly<Record<string, string>> }, over = payments) =>
    over.readEvent(Buffer.from(request.body), request.headers['Stripe-Signature']);

  it('name their customer', async () => {
    const customer = fake.createCustomer().id;
    const { subscription, invoice } = fake.subscribe(customer, pro);
    const expected: Record<string, { type: string; id: string }> = {
      'customer.created': { type: 'customer', id: customer },
      'customer.subscription.created': { type: 'subscription', id: subscription.id },
      'invoice.paid': { type: 'invoice', id: invoice.id },
    };
    for (const [type, object] of Object.entries(expected)) {
      const [event] = fake.events(type);
      const snapshot = await read(fake.deliveries.request(event!.id));
      expect(snapshot).toEqual({ id: event!.id, type, customerId: customer, object });
      const thin = await read(fake.deliveries.request(event!.id, { thin: true }));
      expect(thin).toEqual({
        id: event!.id.replace('evt_', 'evt_thin'),
        type,
        customerId: object.type === 'customer' ? customer : null,
        object,
      });
    }
  });

  it('are resolved to their customer when they do not name it', async () => {
    const customer = fake.createCustomer().id;
    const { subscription, invoice, session } = fake.subscribe(customer, pro);
    const refund = fake.refund(subscription.id, { amount: 1 });
    const dispute = fake.openDispute(subscription.id);
    const objects = [
      { type: 'customer', id: customer },
      { type: 'subscription', id: subscription.id },
      { type: 'invoice', id: invoice.id },
      { type: 'checkout.session', id: session.id },
      { type: 'charge', id: dispute.charge },
      { type: 'refund', id: refund.id },
      { type: 'dispute', id: dispute.id },
    ];
    for (const object of objects) expect(await payments.findCustomer(object), object.type).toBe(customer);
    expect(await payments.findCustomer({ type: 'dispute', id: 'du_of_nobody' })).toBeNull();
    expect(await payments.findCustomer({ type: 'balance', id: 'ba_1' })).toBeNull();
  });

  it('of both kinds are accepted with one secret if there is only one', async () => {
    const one = stripePayments({ ...settings, webhookSecret: settings.thinWebhookSecret!, thinWebhookSecret: null });
    const customer = fake.createCustomer().id;
    const [event] = fake.events('customer.created');
    const thin = fake.deliveries.request(event!.id, { thin: true });
    expect(await read(thin, one)).toMatchObject({ customerId: customer });
  });

  it('are distinguished as thin or snapshot by their form, not by their content', async () => {
    const customer = fake.createCustomer({ metadata: { object: 'v2.core.event' } }).id;
    const [event] = fake.events('customer.created');
    expect(await read(fake.deliveries.request(event!.id))).toMatchObject({ customerId: customer });
  });

  it("are refused with a signature that is not Stripe's or not current", async () => {
    fake.createCustomer();
    const { id } = fake.events('customer.created')[0]!;
    for (const thin of [false, true]) {
      for (const signature of ['forged', 'stale', 'absent'] as const) {
        await expect(read(fake.deliveries.request(id, { thin, signature }))).rejects.toThrow(InvalidSignature);
      }
      for (const timestampOffsetSeconds of [-301, 301]) {
        await expect(read(fake.deliveries.request(id, { thin, timestampOffsetSeconds }))).rejects.toThrow(
          InvalidSignature,
        );
      }
      for (const timestampOffsetSeconds of [-299, 299]) {
        await expect(read(fake.deliveries.request(id, { thin, timestampOffsetSeconds }))).resolves.toBeDefined();
      }
    }
    const altered = fake.deliveries.request(id, { signature: 'altered' });
    await expect(read(altered)).rejects.toThrow(InvalidSignature);
  });
});
