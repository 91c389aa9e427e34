/** Several plans for sale: each by its own prices, one open session whatever is asked for, and the plan that was paid. */
import { Stripe } from 'stripe';
import { describe, expect } from 'vitest';
import { startFakeStripe } from '../../dev/stripe/fake-stripe.ts';
import type { Client } from '../client.ts';
import { productTest } from '../fixtures.ts';
import { goodCatalog } from '../start/bad-catalogs.ts';
import { customerOf, deliverTo, allQuiet, sellPlans, tierOf } from './shop.ts';

const stripe = await startFakeStripe();
const month = stripe.createPrice({ unitAmount: 500 });
const max = stripe.createPrice({ unitAmount: 2000 });
const year = await new Stripe(stripe.secretKey, stripe.clientConfig).prices.create({
  currency: 'usd',
  product: month.product,
  unit_amount: 5000,
  recurring: { interval: 'year' },
});
const [free, plus, best] = goodCatalog.plans;
const catalog = {
  ...goodCatalog,
  plans: [free, { ...plus, stripe_prices: [month.id, year.id] }, { ...best, stripe_prices: [max.id] }],
};

const it = productTest({ environment: sellPlans(stripe, catalog) });

const buy = (user: Client, body: object) => user.call('POST', '/subscribe/checkout', { body });

describe('several plans', () => {
  it('are told with their own prices', async ({ user }) => {
    await expect.poll(async () => (await user.call('GET', '/plans')).body[1].prices.length).toBe(2);
    expect((await user.call('GET', '/plans')).body).toMatchObject([
      { id: 'Free', prices: [] },
      {
        id: 'Plus',
        prices: [
          { amount: 500, interval: 'month' },
          { amount: 5000, interval: 'year' },
        ],
      },
      { id: 'Max', prices: [{ amount: 2000, interval: 'month' }] },
    ]);
  });

  it('have one open session, of what was asked for last', async ({ user, sql }) => {
    const first = await buy(user, { plan: 'Plus' });
    expect(first.status).toBe(201);
    expect((await buy(user, { plan: 'Plus', interval: 'month' })).body).toEqual(first.body);
    const second = await buy(user, { plan: 'Max' });
    expect(second.body.session_id).not.toBe(first.body.session_id);
    const open = async () => {
      const { sessions } = stripe.customer(await customerOf(sql, user.number));
      return sessions.filter(({ status }) => status === 'open').map(({ id }) => id);
    };
    expect(await open()).toEqual([second.body.session_id]);
    const wishes = [{ plan: 'Plus' }, { plan: 'Max' }, { plan: 'Plus', interval: 'year' }, { plan: 'Max' }];
    const answers = await Promise.all(wishes.map((wish) => buy(user, wish)));
    expect(answers.filter(({ status }) => status !== 201 && status !== 503)).toEqual([]);
    expect((await open()).length).toBeLessThanOrEqual(1);
    const yearly = await buy(user, { plan: 'Plus', interval: 'year' });
    expect(await open()).toEqual([yearly.body.session_id]);
    expect(stripe.completeCheckout(yearly.body.session_id, { payment: 'succeeds' }).subscription).toBeDefined();
    expect(stripe.customer(await customerOf(sql, user.number)).subscriptions[0]!.priceIds).toEqual([year.id]);
  });

  it('are bought and changed between', async ({ user, sql, running }) => {
    if (stripe.deliveries.endpoints.length === 0) deliverTo(stripe, running.url);
    const { body } = await buy(user, { plan: 'Max' });
    const { subscription } = stripe.completeCheckout(body.session_id, { payment: 'succeeds' });
    const deliver = async () => {
      for (const { id } of stripe.deliveries.pendingEvents()) await stripe.deliveries.deliver(id);
      await allQuiet(sql, stripe);
    };
    await deliver();
    expect(await tierOf(sql, user.number)).toBe('Max');
    expect(await buy(user, { plan: 'Plus' })).toMatchObject({ status: 409, body: { code: 'already_subscribed' } });
    stripe.changePrice(subscription.id, month.id);
    await deliver();
    expect(await tierOf(sql, user.number)).toBe('Plus');
  });

  it.for([
    [{ plan: 'Free' }, '/plan'],
    [{ plan: 'None' }, '/plan'],
    [{ plan: 'Plus', interval: 'day' }, '/interval'],
  ] as const)('refuse %j', async ([body, pointer], { user }) => {
    expect(await buy(user, body)).toMatchObject({ status: 422, body: { errors: [{ pointer }] } });
  });

  it('have the first for POST /subscribe/pro', async ({ user }) => {
    const { body } = await user.call('POST', '/subscribe/pro');
    expect((await buy(user, { plan: 'Plus' })).body).toEqual(body);
  });
});
