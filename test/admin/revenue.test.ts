/** Revenue and upgrades for operators equal the payment service's own lists, also after lost events, refunds and deletions. */
import { pino } from 'pino';
import { Stripe } from 'stripe';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import type { AdminUsage, Revenue } from '../../contract/admin-usage.ts';
import { readDuePayments } from '../../server/subscriptions/read-payments.ts';
import { startFakeStripe, type FakeStripe } from '../../dev/stripe/fake-stripe.ts';
import { signIn, type Client } from '../client.ts';
import { startProduct, type RunningProduct } from '../harness.ts';
import { describeModes } from '../modes.ts';
import { sqlOf, type Sql } from '../sql.ts';
import {
  allQuiet,
  customerOf,
  deliverTo,
  reconcileEveryone,
  sellThrough,
  startCheckout,
} from '../subscriptions/shop.ts';

describeModes('revenue, for operators', (mode) => {
  const cleanUp = new AsyncDisposableStack();
  let stripe: FakeStripe;
  let running: RunningProduct;
  let sql: Sql;
  let admin: Client;

  beforeAll(async () => {
    stripe = cleanUp.use(await startFakeStripe({ automatic: true }));
    const place = cleanUp.use(await mode.place());
    running = cleanUp.use(await startProduct(place, { environment: sellThrough(stripe) }));
    deliverTo(stripe, running.url);
    sql = sqlOf(running);
    admin = await signIn(running.url);
    await sql(`update users set role = 'admin' where mobile_number = $1`, [admin.number]);
    await vi.waitFor(async () => expect((await admin.call('GET', '/admin/usage')).status).toBe(200), 10_000);
  });
  afterAll(() => cleanUp.disposeAsync());

  /** Nothing is left to be told by Stripe, or to be asked of it: runs the job of the next minute. */
  async function settled(): Promise<void> {
    await allQuiet(sql, stripe);
    const { parts } = running.product;
    const deps = { ...parts, payments: parts.payments!, log: pino({ level: 'silent' }) };
    await readDuePayments(deps, new AbortController().signal);
  }

  async function read(by: string): Promise<AdminUsage[]> {
    // The fake's clock runs ahead.
    const to = new Date(stripe.now() * 1000).toISOString().slice(0, 10);
    return (await admin.call('GET', `/admin/usage?by=${by}&to=${to}`)).body;
  }

  function totalOf(rows: readonly AdminUsage[]): Revenue {
    const all = rows.flatMap(({ revenue }) => revenue);
    const sum = (of: 'paid' | 'returned') => all.reduce((total, one) => total + one[of], 0);
    expect(new Set(all.map(({ currency }) => currency))).toEqual(new Set(['usd']));
    return { currency: 'usd', paid: sum('paid'), returned: sum('returned') };
  }

  async function atStripe(): Promise<Revenue> {
    const client = new Stripe(stripe.secretKey, stripe.clientConfig);
    const invoices = await Array.fromAsync(client.invoices.list({ status: 'paid' }));
    const refunds = (await Array.fromAsync(client.refunds.list())).filter(({ status }) => status !== 'failed');
    const disputes = (await Array.fromAsync(client.disputes.list())).filter(({ status }) => status !== 'won');
    const sum = (amounts: readonly number[]) => amounts.reduce((total, amount) => total + amount, 0);
    return {
      currency: 'usd',
      paid: sum(invoices.map(({ amount_paid }) => amount_paid)),
      returned: sum([...refunds, ...disputes].map(({ amount }) => amount)),
    };
  }

  async function buy(): Promise<{ user: Client; subscription: string }> {
    const user = await signIn(running.url);
    const { session_id } = await startCheckout(user);
    const { subscription } = stripe.completeCheckout(session_id, { payment: 'succeeds' });
    await settled();
    return { user, subscription: subscription.id };
  }

  const told = async () => ({ days: totalOf(await read('day')), plans: totalOf(await read('plan')) });
  const same = (revenue: Revenue) => ({ days: revenue, plans: revenue });

  it('is what Stripe was paid, less what was returned, by day and by plan', async () => {
    const [first, second, third] = [await buy(), await buy(), await buy()];
    expect(await told()).toEqual(same({ currency: 'usd', paid: 3 * 999, returned: 0 }));
    expect((await read('plan')).find(({ key }) => key === 'Pro')).toMatchObject({ upgrades: 3 });
    expect((await read('day')).reduce((sum, { upgrades }) => sum + upgrades, 0)).toBe(3);
    expect((await read('model')).flatMap(({ revenue }) => revenue)).toEqual([]);

    const refund = stripe.refund(first.subscription, { amount: 300, pending: true });
    const dispute = stripe.openDispute(second.subscription);
    stripe.renew(third.subscription);
    await settled();
    expect(await told()).toEqual(same(await atStripe()));
    expect((await told()).days).toEqual({ currency: 'usd', paid: 4 * 999, returned: 300 + 999 });

    stripe.failRefund(refund.id);
    stripe.closeDispute(dispute.id, 'won');
    await settled();
    expect(await told()).toEqual(same({ currency: 'usd', paid: 4 * 999, returned: 0 }));
    expect(await told()).toEqual(same(await atStripe()));
  });

  it('is the same after events that were lost, once customers are synced', async () => {
    const { subscription } = await buy();
    const endpoints = stripe.deliveries.endpoints.splice(0);
    stripe.renew(subscription);
    await reconcileEveryone(sql);
    await settled();
    expect(await told()).toEqual(same(await atStripe()));
    stripe.deliveries.endpoints.push(...endpoints);
  });

  it('tells of an account what it paid, and keeps it without the account', async () => {
    const { user, subscription } = await buy();
    stripe.refund(subscription, { amount: 99 });
    await settled();
    const { id } = (await user.call('GET', '/user/me')).body;
    expect((await admin.call('GET', `/admin/users/${id}`)).body).toMatchObject({
      revenue: [{ currency: 'usd', paid: 999, returned: 99 }],
    });
    const before = await told();
    const customer = await customerOf(sql, user.number);
    await sql('delete from users where id = $1', [id]);
    expect(await told()).toEqual(before);
    const rows = await sql(`select * from payments p where position($1 in (p.*)::text) > 0`, [customer]);
    expect(rows).toEqual([]);
  });
});
