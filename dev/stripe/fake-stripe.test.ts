/** The official SDK, unchanged, drives every resource of the fake Stripe. */
import { Stripe } from 'stripe';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { startFakeStripe } from './fake-stripe.ts';

const fake = await startFakeStripe();
const stripe = new Stripe(fake.secretKey, { ...fake.clientConfig, maxNetworkRetries: 0, telemetry: false });
afterAll(() => fake[Symbol.asyncDispose]());
beforeEach(() => fake.reset());

function newSession(customer: string): Promise<Stripe.Checkout.Session> {
  return stripe.checkout.sessions.create({
    mode: 'subscription',
    customer,
    client_reference_id: '17',
    line_items: [{ price: fake.proPriceId, quantity: 1 }],
    success_url: 'https://pollux.example/done?session={CHECKOUT_SESSION_ID}',
    cancel_url: 'https://pollux.example/plans',
    metadata: { user_id: '17' },
    subscription_data: { metadata: { user_id: '17' } },
  });
}

async function paidSubscription(): Promise<{ customer: string; subscription: string; session: string }> {
  const customer = await stripe.customers.create({ email: 'a@example.com' });
  const session = await newSession(customer.id);
  const { subscription } = fake.completeCheckout(session.id, { payment: 'succeeds' });
  return { customer: customer.id, subscription: subscription.id, session: session.id };
}

describe('customers', () => {
  it('are created, updated, found by email and by metadata', async () => {
    const made = await stripe.customers.create({ email: 'a@example.com', name: 'Ann', metadata: { user_id: '17' } });
    await stripe.customers.create({ email: 'b@example.com' });
    const changed = await stripe.customers.update(made.id, { name: 'Anna', metadata: { plan: 'pro', user_id: '' } });
    expect(changed).toMatchObject({ name: 'Anna', metadata: { plan: 'pro' } });
    const listed = await stripe.customers.list({ email: 'a@example.com' });
    expect(listed.data.map((customer) => customer.id)).toEqual([made.id]);
    const found = await stripe.customers.search({ query: "metadata['plan']:'pro' AND email:'a@example.com'" });
    expect(found.data.map((customer) => customer.id)).toEqual([made.id]);
  });

  it('leave a tombstone when deleted, and their subscription ends', async () => {
    const { customer, subscription } = await paidSubscription();
    expect(await stripe.customers.del(customer)).toMatchObject({ id: customer, deleted: true });
    expect(await stripe.customers.retrieve(customer)).toEqual({ id: customer, object: 'customer', deleted: true });
    expect((await stripe.customers.list()).data).toEqual([]);
    expect((await stripe.subscriptions.retrieve(subscription)).status).toBe('canceled');
    await expect(newSession(customer)).rejects.toMatchObject({ code: 'resource_missing', statusCode: 400 });
    expect(fake.events('customer.deleted')[0]?.data.object).toMatchObject({ id: customer, email: 'a@example.com' });
  });
});

describe('products and prices', () => {
  it('are created and retrieved, decimals as the SDK reads them', async () => {
    const product = await stripe.products.create({ name: 'Pro' });
    const made = await stripe.prices.create({
      product: product.id,
      currency: 'eur',
      unit_amount: 1234,
      recurring: { interval: 'year' },
    });
    const price = await stripe.prices.retrieve(made.id, { expand: ['product'] });
    expect(price).toMatchObject({ type: 'recurring', unit_amount: 1234, product: { id: product.id, name: 'Pro' } });
    expect(price.unit_amount_decimal?.toString()).toBe('1234');
    expect((await stripe.prices.retrieve(fake.proPriceId)).recurring?.interval).toBe('month');
    expect((await stripe.prices.list({ product: product.id })).data).toHaveLength(1);
    expect((await stripe.products.list()).data).toHaveLength(2);
  });
});

describe('checkout and portal sessions', () => {
  it('open, list by customer and status, expire, and refuse to expire twice', async () => {
    const customer = await stripe.customers.create();
    const session = await newSession(customer.id);
    expect(session).toMatchObject({ status: 'open', payment_status: 'unpaid', mode: 'subscription', livemode: false });
    expect(session.url).toBe(`${fake.url}/c/pay/${session.id}`);
    const open = await stripe.checkout.sessions.list({ customer: customer.id, status: 'open' });
    expect(open.data.map((one) => one.id)).toEqual([session.id]);
    const lines = await stripe.checkout.sessions.listLineItems(session.id);
    expect(lines.data[0]?.price?.id).toBe(fake.proPriceId);
    expect(await stripe.checkout.sessions.expire(session.id)).toMatchObject({ status: 'expired', url: null });
    await expect(stripe.checkout.sessions.expire(session.id)).rejects.toThrow(/status of expired/);
  });

  it('show what was bought when expanded', async () => {
    const { session, subscription } = await paidSubscription();
    const plain = await stripe.checkout.sessions.retrieve(session);
    expect(plain).toMatchObject({ status: 'complete', payment_status: 'paid', subscription, payment_intent: null });
    expect(plain.line_items).toBeUndefined();
    const full = await stripe.checkout.sessions.retrieve(session, {
      expand: ['line_items', 'customer', 'subscription.latest_invoice.payments'],
    });
    expect(full.line_items?.data[0]?.amount_total).toBe(999);
    expect(full.subscription).toMatchObject({
      metadata: { user_id: '17' },
      latest_invoice: { status: 'paid', payments: { data: [{ status: 'paid' }] } },
    });
  });

  it('open the billing portal', async () => {
    const customer = await stripe.customers.create();
    const portal = await stripe.billingPortal.sessions.create({
      customer: customer.id,
      return_url: 'https://a.example/',
    });
    expect(portal.url).toBe(`${fake.url}/p/session/${portal.id}`);
  });
});

describe('subscriptions', () => {
  it('carry their period on the items and list by customer and status', async () => {
    const { customer, subscription } = await paidSubscription();
    const one = await stripe.subscriptions.retrieve(subscription);
    const [item] = one.items.data;
    expect(one.status).toBe('active');
    expect(item?.price.id).toBe(fake.proPriceId);
    expect((item?.current_period_end ?? 0) - fake.now()).toBeGreaterThan(27 * 86_400);
    await stripe.subscriptions.cancel(subscription);
    expect((await stripe.subscriptions.list({ customer })).data).toEqual([]);
    expect((await stripe.subscriptions.list({ customer, status: 'all' })).data).toHaveLength(1);
    await expect(stripe.subscriptions.cancel(subscription)).rejects.toMatchObject({ code: 'resource_missing' });
  });

  it('are scheduled to end, kept, paused and resumed', async () => {
    const { subscription } = await paidSubscription();
    const ending = await stripe.subscriptions.update(subscription, { cancel_at_period_end: true });
    expect(ending).toMatchObject({ cancel_at_period_end: true, status: 'active' });
    const kept = await stripe.subscriptions.update(subscription, { cancel_at_period_end: false });
    expect(kept).toMatchObject({ cancel_at_period_end: false, cancel_at: null });
    const held = await stripe.subscriptions.update(subscription, { pause_collection: { behavior: 'void' } });
    expect(held).toMatchObject({ status: 'active', pause_collection: { behavior: 'void' } });
    await stripe.subscriptions.update(subscription, { pause_collection: '' });
    expect((await stripe.subscriptions.pause(subscription)).status).toBe('paused');
    expect((await stripe.subscriptions.resume(subscription)).status).toBe('active');
  });
});

describe('invoices and what paid them', () => {
  it('lead from subscription to charge through invoice payments', async () => {
    const { customer, subscription } = await paidSubscription();
    const invoices = await stripe.invoices.list({ customer, subscription });
    const invoice = invoices.data[0];
    expect(invoice?.parent?.subscription_details?.subscription).toBe(subscription);
    const payments = await stripe.invoicePayments.list({ invoice: invoice?.id ?? '' });
    const intentId = payments.data[0]?.payment.payment_intent as string;
    const intent = await stripe.paymentIntents.retrieve(intentId, { expand: ['latest_charge'] });
    expect(intent).toMatchObject({ status: 'succeeded', latest_charge: { amount: 999, paid: true, refunded: false } });
    const back = await stripe.invoicePayments.list({ payment: { type: 'payment_intent', payment_intent: intent.id } });
    expect(back.data[0]?.invoice).toBe(invoice?.id);
    expect((await stripe.charges.list({ customer })).data[0]?.payment_intent).toBe(intent.id);
    expect((await stripe.paymentIntents.list({ customer })).data).toHaveLength(1);
    expect(invoice?.lines.data[0]?.pricing?.unit_amount_decimal?.toString()).toBe('999');
  });

  it('are paid, voided and forgiven by the API, a decline being a 402', async () => {
    const { subscription } = await paidSubscription();
    fake.setBank(subscription, 'fails');
    const { latest_invoice } = fake.renew(subscription);
    const id = String(latest_invoice);
    await expect(stripe.invoices.pay(id)).rejects.toMatchObject({ type: 'StripeCardError', code: 'card_declined' });
    expect((await stripe.invoices.markUncollectible(id)).status).toBe('uncollectible');
    expect((await stripe.invoices.voidInvoice(id)).status).toBe('void');
    await expect(stripe.invoices.voidInvoice(id)).rejects.toMatchObject({ code: 'invoice_not_editable' });
  });
});

describe('refunds, disputes and events', () => {
  it('refund in parts and never more than was paid', async () => {
    const { customer } = await paidSubscription();
    const charge = (await stripe.charges.list({ customer })).data[0]?.id ?? '';
    await stripe.refunds.create({ charge, amount: 400, reason: 'requested_by_customer' });
    expect(await stripe.charges.retrieve(charge)).toMatchObject({ amount_refunded: 400, refunded: false });
    await expect(stripe.refunds.create({ charge, amount: 600 })).rejects.toMatchObject({ param: 'amount' });
    await stripe.refunds.create({ charge });
    const full = await stripe.charges.retrieve(charge, { expand: ['refunds'] });
    expect(full).toMatchObject({ refunded: true, refunds: { data: [{ amount: 599 }, { amount: 400 }] } });
    expect((await stripe.refunds.list({ charge })).data).toHaveLength(2);
    await expect(stripe.refunds.create({ charge })).rejects.toMatchObject({ code: 'charge_already_refunded' });
  });

  it('list disputes of a charge and close them', async () => {
    const { subscription } = await paidSubscription();
    const { id, charge } = fake.openDispute(subscription);
    expect((await stripe.disputes.list({ charge })).data[0]?.id).toBe(id);
    await expect(stripe.refunds.create({ charge })).rejects.toMatchObject({ code: 'charge_disputed' });
    expect((await stripe.disputes.close(id)).status).toBe('lost');
    expect((await stripe.disputes.retrieve(id, { expand: ['charge'] })).charge).toMatchObject({ disputed: true });
  });

  it('list events by type and time', async () => {
    const { subscription } = await paidSubscription();
    const before = fake.now();
    fake.advanceBy(60);
    fake.cancelNow(subscription);
    const deleted = await stripe.events.list({ types: ['customer.subscription.deleted', 'customer.deleted'] });
    expect(deleted.data.map((event) => event.type)).toEqual(['customer.subscription.deleted']);
    const event = await stripe.events.retrieve(deleted.data[0]?.id ?? '');
    expect(event).toMatchObject({ api_version: Stripe.API_VERSION, data: { object: { id: subscription } } });
    const late = await stripe.events.list({ created: { gt: before } });
    expect(late.data.every((one) => one.created > before)).toBe(true);
    expect(late.data.length).toBeGreaterThan(0);
  });
});
