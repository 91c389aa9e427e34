/** The fake's manners on the wire: keys, versions, errors, pages, expansion, idempotency, injected trouble. */
import { Stripe } from 'stripe';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { startFakeStripe } from '../fake-stripe.ts';

const fake = await startFakeStripe();
const config = { ...fake.clientConfig, maxNetworkRetries: 0, telemetry: false };
const stripe = new Stripe(fake.secretKey, config);
afterAll(() => fake[Symbol.asyncDispose]());
beforeEach(() => fake.reset());

function statuses(): number[] {
  return fake.calls.map((call) => call.status);
}

describe('refusals', () => {
  it('answer 401 to a wrong key and to none', async () => {
    const stranger = new Stripe('sk_test_wrong', config);
    await expect(stranger.customers.list()).rejects.toMatchObject({ type: 'StripeAuthenticationError' });
    expect((await fetch(`${fake.url}/v1/customers`)).status).toBe(401);
  });

  it('name the kind, the code and the parameter', async () => {
    await expect(stripe.subscriptions.retrieve('sub_none')).rejects.toMatchObject({
      type: 'StripeInvalidRequestError',
      statusCode: 404,
      code: 'resource_missing',
      param: 'id',
      message: "No such subscription: 'sub_none'",
    });
    await expect(stripe.subscriptions.list({ customer: 'cus_none' })).rejects.toMatchObject({
      statusCode: 400,
      param: 'customer',
    });
    await expect(stripe.billingPortal.sessions.create({})).rejects.toMatchObject({ code: 'parameter_missing' });
    const unknown = { payment_method_types: ['card'] } as object;
    await expect(stripe.checkout.sessions.create({ mode: 'subscription', ...unknown })).rejects.toMatchObject({
      code: 'parameter_unknown',
      param: 'payment_method_types',
    });
  });

  it('are given to another API version and to an unknown path', async () => {
    const old = new Stripe(fake.secretKey, { ...config, apiVersion: '2020-08-27' as never });
    await expect(old.customers.list()).rejects.toThrow(/Invalid Stripe API version/);
    await expect(stripe.coupons.list()).rejects.toMatchObject({ statusCode: 404 });
  });
});

describe('lists', () => {
  it('are listed newest first, in pages that the SDK follows automatically', async () => {
    const made = Array.from({ length: 7 }, () => fake.createCustomer().id);
    const first = await stripe.customers.list({ limit: 3 });
    expect(first).toMatchObject({ has_more: true, url: '/v1/customers' });
    expect(first.data.map((one) => one.id)).toEqual(made.toReversed().slice(0, 3));
    const all = await stripe.customers.list({ limit: 2 }).autoPagingToArray({ limit: 100 });
    expect(all.map((one) => one.id)).toEqual(made.toReversed());
    const back = await stripe.customers.list({ limit: 2, ending_before: made[4] });
    expect(back.data.map((one) => one.id)).toEqual([made[6], made[5]]);
    await expect(stripe.customers.list({ limit: 101 })).rejects.toMatchObject({ param: 'limit' });
  });
});

describe('expand[]', () => {
  it('opens nested ids and lists, and refuses what cannot be opened', async () => {
    const customer = fake.createCustomer();
    const { subscription } = fake.subscribe(customer.id, { priceId: fake.proPriceId, payment: 'succeeds' });
    const listed = await stripe.subscriptions.list({
      customer: customer.id,
      expand: ['data.latest_invoice.payments.data.payment.payment_intent', 'data.customer'],
    });
    expect(listed.data[0]).toMatchObject({
      id: subscription.id,
      customer: { id: customer.id },
      latest_invoice: { payments: { data: [{ payment: { payment_intent: { status: 'succeeded' } } }] } },
    });
    const parent = await stripe.invoices.retrieve(String(subscription.latest_invoice), {
      expand: ['parent.subscription_details.subscription'],
    });
    expect(parent.parent?.subscription_details?.subscription).toMatchObject({ object: 'subscription' });
    await expect(stripe.customers.retrieve(customer.id, { expand: ['nonsense'] })).rejects.toThrow(
      'This property cannot be expanded (nonsense).',
    );
  });
});

describe('Idempotency-Key', () => {
  it('replays the same request, also one whose answer was lost', async () => {
    const options = { idempotencyKey: 'k-1' };
    const first = await stripe.customers.create({ email: 'a@example.com' }, options);
    const again = await stripe.customers.create({ email: 'a@example.com' }, options);
    expect(again.id).toBe(first.id);
    expect(again.lastResponse.headers['idempotent-replayed']).toBe('true');
    expect(again.lastResponse.headers['original-request']).toBe(first.lastResponse.requestId);
    expect(fake.calls.map((call) => call.replayed)).toEqual([false, true]);

    fake.faults.inject({ method: 'POST', drop: true, afterWork: true });
    await stripe.customers.create({ email: 'b@example.com' });
    expect((await stripe.customers.list({ email: 'b@example.com' })).data).toHaveLength(1);
    expect(statuses()).toEqual([200, 200, 0, 200, 200]);
  });

  it('refuses other parameters and other endpoints under the same key', async () => {
    const options = { idempotencyKey: 'k-2' };
    await stripe.customers.create({ email: 'a@example.com' }, options);
    const other = stripe.customers.create({ email: 'b@example.com' }, options);
    await expect(other).rejects.toMatchObject({ type: 'StripeIdempotencyError', statusCode: 400 });
    await expect(stripe.products.create({ name: 'x' }, options)).rejects.toThrow(/same endpoint/);
  });

  it('answers 409 while the first is under way, and does not keep a refusal to begin', async () => {
    const gate = fake.faults.hold({ path: '/v1/customers' });
    const options = { idempotencyKey: 'k-3' };
    const first = stripe.customers.create({ email: 'a@example.com' }, options);
    await gate.arrived(1);
    const second = stripe.customers.create({ email: 'a@example.com' }, options);
    await expect(second).rejects.toMatchObject({ statusCode: 409, code: 'idempotency_key_in_use' });
    gate.open();
    expect((await stripe.customers.create({ email: 'a@example.com' }, options)).id).toBe((await first).id);

    const again = { idempotencyKey: 'k-4' };
    await expect(stripe.refunds.create({ charge: 'ch_none' }, again)).rejects.toThrow(/No such charge/);
    await expect(stripe.refunds.create({ charge: 'ch_other' }, again)).rejects.toThrow(/No such charge/);
  });
});

describe('injected trouble', () => {
  it('is recognized by the SDK and retried where it should be', async () => {
    fake.faults.inject({ status: 429 });
    await expect(stripe.customers.list()).rejects.toMatchObject({ type: 'StripeRateLimitError' });
    fake.faults.inject({ status: 500, method: 'POST', shouldRetry: false });
    await expect(stripe.customers.create()).rejects.toMatchObject({ type: 'StripeAPIError', statusCode: 500 });
    fake.faults.inject({ status: 503, path: '/v1/customers' });
    const patient = new Stripe(fake.secretKey, { ...config, maxNetworkRetries: 1 });
    await patient.customers.create({ email: 'c@example.com' });
    expect(statuses()).toEqual([429, 500, 503, 200]);
    expect((await stripe.customers.list()).data).toHaveLength(1);
  });

  it('can be slowness that outlasts the client', async () => {
    const stop = fake.faults.inject({ latencyMs: 200, times: Infinity });
    const hasty = new Stripe(fake.secretKey, { ...config, timeout: 20 });
    await expect(hasty.customers.list()).rejects.toMatchObject({ type: 'StripeConnectionError' });
    stop();
    expect((await stripe.customers.list()).data).toEqual([]);
  });
});
