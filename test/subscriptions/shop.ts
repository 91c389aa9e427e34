/** What tests of billing share: a product that sells through a fake Stripe, one clock for both, and when all is quiet. */
import { expect } from 'vitest';
import { reconcile } from '../../server/subscriptions/reconcile.ts';
import { relevantEvents } from '../../server/subscriptions/event-types.ts';
import type { Client } from '../client.ts';
import type { FakeStripe } from '../../dev/stripe/fake-stripe.ts';
import type { Environment } from '../harness.ts';
import { productOf, type Sql } from '../sql.ts';

export const webhookSecret = 'whsec_of_the_tests';
export const thinWebhookSecret = 'whsec_of_the_tests_for_thin_events';

/** Settings that make a product sell through a fake Stripe. */
export function sellThrough(stripe: FakeStripe): Environment {
  return {
    STRIPE_SECRET_KEY: stripe.secretKey,
    STRIPE_WEBHOOK_SECRET: webhookSecret,
    STRIPE_THIN_WEBHOOK_SECRET: thinWebhookSecret,
    STRIPE_PRO_PRICE_ID: stripe.proPriceId,
    STRIPE_API_BASE: stripe.url,
  };
}

/** What an operator subscribes to, and one type that the product does not know. */
export const eventTypes: readonly string[] = [...relevantEvents, 'invoice.updated'];

/** Has the fake send its events to a product. */
export function deliverTo(stripe: FakeStripe, url: string): void {
  stripe.deliveries.endpoints.push({ url: `${url}/subscribe/webhook`, secret: webhookSecret, types: eventTypes });
}

/** Makes the database's clock one that `setShopClock` moves. */
export async function installShopClock(sql: Sql): Promise<void> {
  await sql(`create table shop_clock (ahead interval not null)`);
  await sql(`insert into shop_clock values (interval '0')`);
  await sql(
    `create or replace function pollux_now() returns timestamptz language sql stable as $$ select now() + ahead from shop_clock $$`,
  );
}

/** Makes it the same time in the database as at the fake. */
export async function setShopClock(sql: Sql, stripe: FakeStripe): Promise<void> {
  await sql(`update shop_clock set ahead = to_timestamp($1::float8) - now()`, [stripe.now()]);
}

/** How much billing has still to do: events to apply, customers to sync, customers whose time has come. */
async function workLeft(sql: Sql): Promise<number> {
  const rows = await sql<{ left: number; due: number }>(
    `select ((select count(*) from billing_events where state = 'received')
      + (select count(*) from billing_customers where requested > done))::int as left,
      (select count(*) from billing_customers where recheck_at <= pollux_now())::int as due`,
  );
  const { left, due } = rows[0]!;
  // The minute of the reconciliation has come.
  if (due > 0) await reconcile(productOf(sql)!.parts);
  return left + due;
}

/** The daily reconciliation of every customer comes now. */
export async function reconcileEveryone(sql: Sql): Promise<void> {
  await sql(`update billing_customers set recheck_at = pollux_now()`);
  await quiet(sql);
}

/** As if the jobs under way had run for too long. */
export async function giveUpRunningJobs(sql: Sql): Promise<void> {
  await sql(`update pollux_jobs.job set started_on = started_on - interval '1 day' where state = 'active'`);
}

/** Resolves when the product has done everything it knows of. */
export async function quiet(sql: Sql, timeout = 20_000): Promise<void> {
  await expect.poll(() => workLeft(sql), { interval: 10, timeout }).toBe(0);
}

/** The same, with a fake that delivers by itself: resolves when nothing is under way in either direction. */
export async function allQuiet(sql: Sql, stripe: FakeStripe): Promise<void> {
  do {
    await stripe.deliveries.settled();
    await quiet(sql);
  } while (stripe.deliveries.pendingEvents().length > 0);
}

export async function tierOf(sql: Sql, number: string): Promise<string> {
  const rows = await sql<{ tier: string }>(`select tier from users where mobile_number = $1`, [number]);
  return rows[0]!.tier;
}

/** The customer at the fake that a user became by asking for Pro. */
export async function customerOf(sql: Sql, number: string): Promise<string> {
  const rows = await sql<{ id: string }>(
    `select customer_id as id from billing_customers join users on users.id = user_id where mobile_number = $1`,
    [number],
  );
  return rows[0]!.id;
}

/** Asks for Pro; gives the Checkout session. */
export async function startCheckout(user: Client): Promise<{ url: string; session_id: string }> {
  const answer = await user.call('POST', '/subscribe/pro');
  expect(answer.status).toBe(201);
  return answer.body;
}
