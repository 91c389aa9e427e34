/** Syncs that overlap with changes, with each other and with failures: Stripe's latest state is applied. */
import { describe, expect } from 'vitest';
import { requestSync } from '../../server/subscriptions/sync-store.ts';
import { sendSync } from '../../server/subscriptions/sync.ts';
import type { Client } from '../client.ts';
import type { FakeStripe } from '../../dev/stripe/fake-stripe.ts';
import { sellingTest } from '../fixtures.ts';
import { distributedPlace, type RunningProduct } from '../harness.ts';
import { services } from '../services.ts';
import type { Sql } from '../sql.ts';
import { customerOf, deliverTo, expireRunningJobs, quiet, startCheckout, tierOf } from './shop.ts';

const invoices = /^\/v1\/invoices$/;
let subscription: string;

const it = sellingTest({ open: distributedPlace });

describe.skipIf(!services.postgres || !services.redis)('overlapping syncs', () => {
  it.beforeAll(({ stripe, running }) => deliverTo(stripe, running.url));
  it.beforeEach(async ({ stripe, user }) => {
    const { session_id } = await startCheckout(user);
    subscription = stripe.completeCheckout(session_id, { payment: 'succeeds' }).subscription.id;
    for (const { id } of stripe.deliveries.pendingEvents()) stripe.deliveries.drop(id);
  });

  it.afterEach(({ stripe }) => stripe.faults.clear());

  /** Sends another sync; once workers have polled for it, returns the states of this customer's syncs. */
  async function statesAfterFurtherSync(stripe: FakeStripe, running: RunningProduct, sql: Sql, user: Client) {
    const { parts } = running.product;
    const userId = await requestSync(parts.db, await customerOf(sql, user.number));
    await sendSync(parts, userId!);
    // Sent later, but run earlier.
    await deliver(stripe, 'customer.subscription.created');
    await noEventWaits(sql);
    const states = await sql<{ state: string }>(
      `select state from pollux_jobs.job where name = 'billing-sync' and singleton_key = $1 and state <= 'active'
       order by state`,
      [String(userId)],
    );
    return states.map(({ state }) => state);
  }

  /** Starts a sync that has read the subscription and waits for its invoices; returns the gate. */
  async function heldSync(stripe: FakeStripe) {
    const gate = stripe.faults.hold({ path: invoices });
    await deliver(stripe, 'customer.subscription.created');
    await gate.arrived(1);
    return gate;
  }

  async function deliver(stripe: FakeStripe, type: string): Promise<void> {
    const event = stripe.events(type).findLast(({ data }) => JSON.stringify(data).includes(subscription));
    const [result] = await stripe.deliveries.deliver(event!.id);
    expect(result!.status).toBe(200);
  }

  const noEventWaits = (sql: Sql) =>
    expect.poll(() => sql(`select 1 from billing_events where state = 'received'`), { interval: 5 }).toEqual([]);

  it('a change during a sync causes another sync', async ({ stripe, sql, user }) => {
    const gate = await heldSync(stripe);
    stripe.cancelNow(subscription);
    await deliver(stripe, 'customer.subscription.deleted');
    await noEventWaits(sql);
    gate.open();
    await quiet(sql);
    expect(await tierOf(sql, user.number)).toBe('Basic');
  });

  it('a superseded sync writes nothing', async ({ stripe, sql, user }) => {
    const gate = await heldSync(stripe);
    stripe.cancelNow(subscription);
    await expireRunningJobs(sql);
    await deliver(stripe, 'customer.subscription.deleted');
    // An ended subscription has no invoices to request, so that the second sync overtakes the first.
    await quiet(sql);
    expect(await tierOf(sql, user.number)).toBe('Basic');
    const before = await sql('select * from billing_customers order by user_id');
    const answered = stripe.calls.length;
    gate.open();
    await expect.poll(() => stripe.calls.length).toBeGreaterThan(answered);
    await expect.poll(() => stripe.calls.slice(answered).some(({ path }) => invoices.test(path))).toBe(true);
    await deliver(stripe, 'customer.subscription.deleted');
    await quiet(sql);
    expect(await tierOf(sql, user.number)).toBe('Basic');
    expect(await sql('select * from billing_customers order by user_id')).toEqual(before);
  });

  it('a long sync keeps its claim by heartbeats', async ({ stripe, sql, user }) => {
    const gate = await heldSync(stripe);
    const beatOf = async () => {
      const rows = await sql<{ at: Date }>(
        `select max(heartbeat_on) as at from pollux_jobs.job where name = 'billing-sync' and state = 'active'`,
      );
      return rows[0]!.at.getTime();
    };
    const first = await beatOf();
    await expect.poll(beatOf, { timeout: 10_000 }).toBeGreaterThan(first);
    gate.open();
    await quiet(sql);
    expect(await tierOf(sql, user.number)).toBe('Pro');
  });

  it('no other sync runs while a sync cancels a refunded subscription', async ({ stripe, running, sql, user }) => {
    const gate = stripe.faults.hold({ method: 'DELETE', path: '/v1/subscriptions/' });
    stripe.refund(subscription);
    await deliver(stripe, 'customer.subscription.created');
    await gate.arrived(1);
    expect(await tierOf(sql, user.number)).toBe('Basic');
    expect(await statesAfterFurtherSync(stripe, running, sql, user)).toEqual(['created', 'active']);
    gate.open();
    await quiet(sql);
    expect(stripe.calls.filter(({ method }) => method === 'DELETE')).toHaveLength(1);
  });

  it('no other sync runs while a failed sync is retried', async ({ stripe, running, sql, user }) => {
    stripe.faults.inject({ path: invoices, status: 400 });
    await deliver(stripe, 'customer.subscription.created');
    const retried = `from pollux_jobs.job where name = 'billing-sync' and state = 'retry'`;
    await expect.poll(() => sql(`select 1 ${retried}`)).toHaveLength(1);
    const gate = stripe.faults.hold({ path: invoices });
    await gate.arrived(1);
    expect(await sql(`select 1 ${retried}`)).toEqual([]);
    expect(await statesAfterFurtherSync(stripe, running, sql, user)).toEqual(['created', 'active']);
    gate.open();
    await quiet(sql);
    expect(await tierOf(sql, user.number)).toBe('Pro');
  });

  it('a cancellation that fails at Stripe is retried, and the plan is withdrawn meanwhile', async ({
    stripe,
    sql,
    user,
  }) => {
    const off = stripe.faults.inject({ method: 'DELETE', path: '/v1/subscriptions/', status: 500, times: 1000 });
    stripe.refund(subscription);
    await deliver(stripe, 'customer.subscription.created');
    await expect.poll(() => tierOf(sql, user.number)).toBe('Basic');
    await expect
      .poll(() => stripe.calls.filter(({ method }) => method === 'DELETE').length, { timeout: 10_000 })
      .toBeGreaterThan(2);
    expect(stripe.customer(await customerOf(sql, user.number)).subscriptions[0]!.status).toBe('active');
    off();
    await quiet(sql);
    expect(stripe.customer(await customerOf(sql, user.number)).subscriptions[0]!.status).toBe('canceled');
  });
});
