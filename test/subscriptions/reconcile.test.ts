/** The reconciliation finds events and customers whose job was lost, and runs on schedule. */
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import { startFakeStripe, type FakeStripe } from '../../dev/stripe/fake-stripe.ts';
import { reconcile } from '../../server/subscriptions/reconcile.ts';
import { signIn, type Client } from '../client.ts';
import { startProduct, type Place, type RunningProduct } from '../harness.ts';
import { describeModes } from '../modes.ts';
import { sqlOf, type Sql } from '../sql.ts';
import { customerOf, quiet, sellThrough, startCheckout, tierOf } from './shop.ts';

describeModes('reconciliation', (mode) => {
  let place: Place;
  let stripe: FakeStripe;
  let running: RunningProduct;
  let sql: Sql;
  let user: Client;

  beforeAll(async () => {
    stripe = await startFakeStripe();
    place = await mode.place();
    running = await startProduct(place, { environment: sellThrough(stripe) });
    sql = sqlOf(running);
  });
  afterAll(async () => {
    await running[Symbol.asyncDispose]();
    await stripe[Symbol.asyncDispose]();
    await place[Symbol.asyncDispose]();
  });
  beforeEach(async () => {
    user = await signIn(running.url);
    const { session_id } = await startCheckout(user);
    stripe.completeCheckout(session_id, { payment: 'succeeds' });
  });

  afterEach(() => stripe.faults.clear());

  /** An event of this age whose job was lost. */
  async function forgottenEvent(id: string, age: string): Promise<void> {
    await sql(
      `insert into billing_events (event_id, type, customer_id, state, received_at)
       values ($1, 'invoice.paid', $2, 'received', now() - $3::interval)`,
      [id, await customerOf(sql, user.number), age],
    );
  }

  const stateOf = async (id: string) => (await sql('select state from billing_events where event_id = $1', [id]))[0];

  it('applies events whose job was lost, and leaves those alone that may still have one', async () => {
    await forgottenEvent('evt_old', '11 minutes');
    await forgottenEvent('evt_young', '9 minutes');
    await reconcile(running.product.parts);
    await expect.poll(() => stateOf('evt_old')).toEqual({ state: 'applied' });
    await expect.poll(() => tierOf(sql, user.number)).toBe('Pro');
    expect(await stateOf('evt_young')).toEqual({ state: 'received' });
    await sql(`delete from billing_events where event_id = 'evt_young'`);
  });

  it('syncs due customers once each', async () => {
    const customer = await customerOf(sql, user.number);
    await sql(`update billing_customers set recheck_at = pollux_now() where customer_id = $1`, [customer]);
    const asked = () => stripe.calls.filter(({ path }) => path === `/v1/customers/${customer}`).length;
    const before = asked();
    for (let again = 0; again < 3; again += 1) await reconcile(running.product.parts);
    await quiet(sql);
    expect(await tierOf(sql, user.number)).toBe('Pro');
    expect(asked()).toBe(before + 1);
  });

  it('checks a customer again within five minutes after a failed sync', async () => {
    const customer = await customerOf(sql, user.number);
    stripe.faults.inject({ status: 500, times: Infinity });
    await sql(`update billing_customers set recheck_at = pollux_now() where customer_id = $1`, [customer]);
    await reconcile(running.product.parts);
    const [row] = await sql<{ soon: boolean }>(
      `select recheck_at between pollux_now() + interval '4 minutes' and pollux_now() + interval '5 minutes' as soon
       from billing_customers where customer_id = $1`,
      [customer],
    );
    expect(row).toEqual({ soon: true });
    stripe.faults.clear();
    await quiet(sql);
    expect(await tierOf(sql, user.number)).toBe('Pro');
  });

  it('runs every minute', async () => {
    const rounds = await sql(`select cron from pollux_jobs.schedule where key = 'subscriptions/reconcile'`);
    expect(rounds).toEqual([{ cron: '* * * * *' }]);
  });
});
