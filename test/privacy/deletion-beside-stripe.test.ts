/** Deletion of a paying account: its subscription ends without refund, also after an outage of Stripe. */
import { expect, it, vi } from 'vitest';
import { request } from '../client.ts';
import { expectPlan, setUpWithStripe, running, sql, stripe, subscribe, user } from '../subscriptions/beside-stripe.ts';
import { runDeletions } from './run-deletions.ts';

setUpWithStripe();

it('ends the subscription and deletes the customer at Stripe once it can be reached', async () => {
  const subscription = await subscribe();
  await expectPlan('Pro', 'active');
  const [{ customer_id: customer } = { customer_id: '' }] = await sql<{ customer_id: string }>(
    'select customer_id from billing_customers',
  );
  stripe.faults.inject({ status: 500, times: Infinity });
  const sent = await request('POST', `${running.url}/auth/send-otp`, { body: { mobile_number: user.number } });
  expect((await user.call('POST', '/user/deletion', { body: { otp: sent.body.otp } })).status).toBe(204);
  await runDeletions(running);
  expect(await sql('select customer_id from account_deletions')).toEqual([{ customer_id: customer }]);

  stripe.faults.clear();
  await vi.waitFor(
    async () => expect(await sql('select customer_id from account_deletions')).toEqual([{ customer_id: null }]),
    { timeout: 25_000, interval: 200 },
  );
  const calls = stripe.calls.map(({ method, path }) => `${method} ${path}`);
  expect(calls).toContain(`DELETE /v1/subscriptions/${subscription}`);
  expect(calls).toContain(`DELETE /v1/customers/${customer}`);
  expect(calls.filter((call) => call.startsWith('POST /v1/refunds'))).toEqual([]);
  expect(await sql(`select from billing_events where customer_id = $1 and type like 'checkout%'`, [customer])).toEqual(
    [],
  );
});
