/** The reconciliation finds events and customers whose job was lost, and runs on schedule. */
import { expect } from 'vitest';
import { reconcile } from '../../server/subscriptions/reconcile.ts';
import { sellingTest, testModes } from '../fixtures.ts';
import type { Mode } from '../modes.ts';
import { customerOf, quiet, startCheckout, tierOf } from './shop.ts';

const testIn = (mode: Mode) =>
  sellingTest({ mode })
    .extend('stateOf', ({ sql }) => async (id: string) => {
      return (await sql('select state from billing_events where event_id = $1', [id]))[0];
    })
    // An event of this age whose job was lost.
    .extend('forgottenEvent', ({ sql, user }) => async (id: string, age: string) => {
      await sql(
        `insert into billing_events (event_id, type, customer_id, state, received_at)
       values ($1, 'invoice.paid', $2, 'received', now() - $3::interval)`,
        [id, await customerOf(sql, user.number), age],
      );
    });

testModes('reconciliation', testIn, (it) => {
  it.beforeEach(async ({ stripe, user }) => {
    const { session_id } = await startCheckout(user);
    stripe.completeCheckout(session_id, { payment: 'succeeds' });
  });
  it.afterEach(({ stripe }) => stripe.faults.clear());

  it('applies events whose job was lost, and leaves those alone that may still have one', async ({
    running,
    sql,
    user,
    stateOf,
    forgottenEvent,
  }) => {
    await forgottenEvent('evt_old', '11 minutes');
    await forgottenEvent('evt_young', '9 minutes');
    await reconcile(running.product.parts);
    await expect.poll(() => stateOf('evt_old')).toEqual({ state: 'applied' });
    await expect.poll(() => tierOf(sql, user.number)).toBe('Pro');
    expect(await stateOf('evt_young')).toEqual({ state: 'received' });
    await sql(`delete from billing_events where event_id = 'evt_young'`);
  });

  it('syncs due customers once each', async ({ running, sql, stripe, user }) => {
    const customer = await customerOf(sql, user.number);
    await sql(`update billing_customers set recheck_at = pollux_now() where customer_id = $1`, [customer]);
    const asked = () => stripe.calls.filter(({ path }) => path === `/v1/customers/${customer}`).length;
    const before = asked();
    for (let again = 0; again < 3; again += 1) await reconcile(running.product.parts);
    await quiet(sql);
    expect(await tierOf(sql, user.number)).toBe('Pro');
    expect(asked()).toBe(before + 1);
  });

  it('checks a customer again within five minutes after a failed sync', async ({ running, sql, stripe, user }) => {
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

  it('runs every minute', async ({ sql }) => {
    const rounds = await sql(`select cron from pollux_jobs.schedule where key = 'subscriptions/reconcile'`);
    expect(rounds).toEqual([{ cron: '* * * * *' }]);
  });
});
