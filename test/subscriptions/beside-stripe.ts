/** One product with one fake Stripe, for tests of the states of a subscription. */
import { afterAll, beforeAll, beforeEach, expect } from 'vitest';
import { signIn, type Client } from '../client.ts';
import type { CheckoutChoice } from '../../dev/stripe/model/checkout.ts';
import { startFakeStripe, type FakeStripe } from '../../dev/stripe/fake-stripe.ts';
import { anyPlace, startProduct, type Place, type RunningProduct } from '../harness.ts';
import { sqlOf, type Sql } from '../sql.ts';
import { allQuiet, deliverTo, installShopClock, sellThrough, setShopClock, startCheckout, tierOf } from './shop.ts';

/* oxlint-disable import/no-mutable-exports -- Set before the tests of each file. */

export const dayS = 86_400;
let place: Place;
export let running: RunningProduct;
export let stripe: FakeStripe;
export let sql: Sql;
export let user: Client;

/** Starts both before the tests of a file; each test begins with a new user and an empty Stripe. */
export function setUpWithStripe(): void {
  beforeAll(async () => {
    stripe = await startFakeStripe({ automatic: true, account: { afterRetries: 'past_due' } });
    place = await anyPlace();
    running = await startProduct(place, { environment: sellThrough(stripe) });
    deliverTo(stripe, running.url);
    sql = sqlOf(running);
    await installShopClock(sql);
  });
  afterAll(async () => {
    await running[Symbol.asyncDispose]();
    await stripe[Symbol.asyncDispose]();
    await place[Symbol.asyncDispose]();
  });
  beforeEach(async () => {
    // Other customers would change besides the one under test.
    await sql('delete from billing_customers');
    stripe.reset();
    user = await signIn(running.url);
  });
}

/** Continues as a new user. */
export async function newUser(): Promise<void> {
  user = await signIn(running.url);
}

/** Completes Checkout; returns the subscription's id. */
export async function subscribe(choice: CheckoutChoice = { payment: 'succeeds' }): Promise<string> {
  const { session_id } = await startCheckout(user);
  return stripe.completeCheckout(session_id, choice).subscription.id;
}

/** Waits until the product is up to date and expects the plan, in the database and in answers. */
export async function expectPlan(tier: 'Basic' | 'Pro', status: string): Promise<void> {
  await setShopClock(sql, stripe);
  await allQuiet(sql, stripe);
  expect(await tierOf(sql, user.number)).toBe(tier);
  const { body } = await user.call('GET', '/subscribe/status');
  expect(body).toMatchObject({ tier, status, daily_limit: tier === 'Pro' ? null : 5 });
  const me = await user.call('GET', '/user/me');
  expect(me.body.subscription_tier).toBe(tier);
}

export async function pass(seconds: number): Promise<void> {
  stripe.advanceBy(seconds);
  await setShopClock(sql, stripe);
}
