/** Shared by tests of billing: a product with a fake Stripe, one clock for both, and waiting until both are idle. */
import { expect } from 'vitest';
import { reconcile } from '../../server/subscriptions/reconcile.ts';
import { relevantEvents } from '../../server/subscriptions/event-types.ts';
import { catalogFile } from '../catalog-file.ts';
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

/** Settings that make a product sell the plans of a catalog through a fake Stripe. */
export function sellPlans(stripe: FakeStripe, catalog: unknown): Environment {
  const { STRIPE_PRO_PRICE_ID: _replaced, ...settings } = sellThrough(stripe);
  return { ...settings, CATALOG: catalogFile(catalog) };
}

/** The event types of an operator's webhook, and one that the product does not know. */
export const eventTypes: readonly string[] = [...relevantEvents, 'invoice.updated'];

/** Makes the fake send its events to a product. */
export function deliverTo(stripe: FakeStripe, url: string): void {
  stripe.deliveries.endpoints.push({ url: `${url}/subscribe/webhook`, secret: webhookSecret, types: eventTypes });
}

/** Replaces the database's clock by one that `setShopClock` sets. */
export async function installShopClock(sql: Sql): Promise<void> {
  await sql(`create table shop_clock (ahead interval not null)`);
  await sql(`insert into shop_clock values (interval '0')`);
  await sql(
    `create or replace function pollux_now() returns timestamptz language sql stable as $$ select now() + ahead from shop_clock $$`,
  );
}

/** Sets the database's clock to the fake's time. */
export async function setShopClock(sql: Sql, stripe: FakeStripe): Promise<void> {
  await sql(`update shop_clock set ahead = to_timestamp($1::float8) - now()`, [stripe.now()]);
}

/** The pending work of billing: events to apply, customers to sync, due customers. */
async function workLeft(sql: Sql): Promise<number> {
  const rows = await sql<{ left: number; due: number }>(
    `select ((select count(*) from billing_events where state = 'received')
      + (select count(*) from billing_customers where requested > done))::int as left,
      (select count(*) from billing_customers where recheck_at <= pollux_now())::int as due`,
  );
  const { left, due } = rows[0]!;
  // Runs the reconciliation of the next minute.
  if (due > 0) await reconcile(productOf(sql)!.parts);
  return left + due;
}

/** Makes the daily reconciliation of every customer due. */
export async function reconcileEveryone(sql: Sql): Promise<void> {
  await sql(`update billing_customers set recheck_at = pollux_now()`);
  await quiet(sql);
}

/** Makes the running jobs expire. */
export async function expireRunningJobs(sql: Sql): Promise<void> {
  await sql(`update pollux_jobs.job set started_on = started_on - interval '1 day' where state = 'active'`);
}

/** Resolves when the product has no pending work. */
export async function quiet(sql: Sql, timeout = 20_000): Promise<void> {
  await expect.poll(() => workLeft(sql), { interval: 10, timeout }).toBe(0);
}

/** With a fake that delivers events itself: resolves when neither side has pending work. */
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

/** The user's customer at the fake, created by starting Checkout. */
export async function customerOf(sql: Sql, number: string): Promise<string> {
  const rows = await sql<{ id: string }>(
    `select customer_id as id from billing_customers join users on users.id = user_id where mobile_number = $1`,
    [number],
  );
  return rows[0]!.id;
}

/** Starts Checkout for Pro; returns the session. */
export async function startCheckout(user: Client): Promise<{ url: string; session_id: string }> {
  const answer = await user.call('POST', '/subscribe/pro');
  expect(answer.status).toBe(201);
  return answer.body;
}
