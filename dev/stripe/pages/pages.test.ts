/** The pages a developer clicks through, used here as plain forms. */
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { Stripe } from 'stripe';
import { startFakeStripe } from '../fake-stripe.ts';

const fake = await startFakeStripe();
const stripe = new Stripe(fake.secretKey, { ...fake.clientConfig, telemetry: false });
afterAll(() => fake[Symbol.asyncDispose]());
beforeEach(() => fake.reset());

async function openSession(): Promise<{ customer: string; id: string; url: string }> {
  const customer = await stripe.customers.create({ email: '"a"<b>@example.com' });
  const { id, url } = await stripe.checkout.sessions.create({
    mode: 'subscription',
    customer: customer.id,
    line_items: [{ price: fake.proPriceId, quantity: 1 }],
    success_url: 'http://127.0.0.1:1/done?session={CHECKOUT_SESSION_ID}',
    cancel_url: 'http://127.0.0.1:1/plans',
  });
  return { customer: customer.id, id, url: url ?? '' };
}

/** Submits a form and returns the redirect's target. */
async function press(url: string, form: Record<string, string>): Promise<{ status: number; location: string }> {
  const response = await fetch(url, { method: 'POST', body: new URLSearchParams(form), redirect: 'manual' });
  await response.text();
  return { status: response.status, location: response.headers.get('location') ?? '' };
}

async function read(url: string): Promise<string> {
  const response = await fetch(url);
  expect(response.headers.get('content-type')).toBe('text/html; charset=utf-8');
  return response.text();
}

describe('the checkout page', () => {
  it('shows the purchase, escaped, with a button for every outcome', async () => {
    const { url } = await openSession();
    const page = await read(url);
    expect(page).toContain('Pollux Pro');
    expect(page).toContain('$9.99 a month');
    expect(page).toContain('&quot;a&quot;&lt;b&gt;@example.com');
    for (const label of ['Pay', 'Pay with failing card', 'Pay later (bank debit)', 'Cancel and go back']) {
      expect(page).toContain(`>${label}</button>`);
    }
    expect(page).not.toMatch(/<script|https:\/\//);
  });

  it('declines, then accepts a valid card and redirects to the success page', async () => {
    const { id, url, customer } = await openSession();
    const declined = await press(url, { action: 'decline' });
    expect(declined).toEqual({ status: 303, location: `/c/pay/${id}?notice=decline` });
    expect(await read(fake.url + declined.location)).toContain('role="alert">Your card was declined.');
    const paid = await press(url, { action: 'pay' });
    expect(paid).toEqual({ status: 303, location: `http://127.0.0.1:1/done?session=${id}` });
    expect(fake.customer(customer).subscriptions).toMatchObject([{ status: 'active' }]);
    expect(await read(url)).toContain('This checkout is complete.');
  });

  it('cancels to the cancel page, and leaves a bank debit pending', async () => {
    const { url, customer } = await openSession();
    expect((await press(url, { action: 'cancel' })).location).toBe('http://127.0.0.1:1/plans');
    await press(url, { action: 'later' });
    expect(fake.customer(customer).sessions).toMatchObject([{ status: 'complete', paymentStatus: 'unpaid' }]);
  });

  it('is a 404 for an unknown session', async () => {
    expect((await fetch(`${fake.url}/c/pay/cs_test_none`)).status).toBe(404);
  });
});

describe('the billing portal', () => {
  it('cancels, resumes, fails, recovers, refunds and ends a subscription', async () => {
    const customer = fake.createCustomer();
    const { subscription } = fake.subscribe(customer.id, { priceId: fake.proPriceId, payment: 'succeeds' });
    const portal = await stripe.billingPortal.sessions.create({
      customer: customer.id,
      return_url: 'http://127.0.0.1:1/plans',
    });
    const view = () => fake.customer(customer.id).subscriptions[0];
    const act = (action: string) => press(portal.url, { action, subscription: subscription.id });
    expect(await read(portal.url)).toContain('href="http://127.0.0.1:1/plans"');

    await act('cancel_at_period_end');
    expect(view()?.endsAt).toBe(view()?.periodEnd);
    expect(await read(portal.url)).toContain('>Resume</button>');
    await act('resume');
    expect(view()?.endsAt).toBeNull();
    await act('fail_next');
    await act('renew');
    expect(view()?.status).toBe('past_due');
    await act('recover');
    await act('refund');
    expect(view()).toMatchObject({ status: 'active', currentPayments: [{ fullyRefunded: true }] });
    expect((await act('refund')).status).toBe(409);
    await act('cancel_now');
    expect(view()?.status).toBe('canceled');
  });

  it("does nothing to another customer's subscription", async () => {
    const [one, other] = [fake.createCustomer(), fake.createCustomer()];
    const { subscription } = fake.subscribe(other.id, { priceId: fake.proPriceId, payment: 'succeeds' });
    const portal = await stripe.billingPortal.sessions.create({ customer: one.id });
    await press(portal.url, { action: 'cancel_now', subscription: subscription.id });
    expect(fake.customer(other.id).subscriptions).toMatchObject([{ status: 'active' }]);
  });
});

it('the front page lists customers and events, moves the clock and decides disputes', async () => {
  const customer = fake.createCustomer();
  const { subscription } = fake.subscribe(customer.id, { priceId: fake.proPriceId, payment: 'succeeds' });
  const dispute = fake.openDispute(subscription.id);
  const page = await read(`${fake.url}/`);
  expect(page).toContain(`Portal of ${customer.id}`);
  expect(page).toContain('checkout.session.completed');
  const before = fake.now();
  await press(`${fake.url}/`, { days: '31' });
  expect(fake.now()).toBeGreaterThanOrEqual(before + 31 * 86_400);
  await press(`${fake.url}/`, { dispute: dispute.id, status: 'won' });
  expect(fake.customer(customer.id).subscriptions[0]?.payments[0]?.disputes).toMatchObject([{ status: 'won' }]);
  expect((await press(`${fake.url}/`, { customer: customer.id })).location).toContain('/p/session/bps_');
});
