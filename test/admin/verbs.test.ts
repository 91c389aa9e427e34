/** What operators can do over HTTP they can do by command, and the other way round; and what deletes or syncs without a person. */
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import * as admin from '../../contract/admin.ts';
import type { Endpoint } from '../../contract/endpoint.ts';
import * as usage from '../../contract/admin-usage.ts';
import * as users from '../../contract/admin-users.ts';
import { commands } from '../../server/admin/commands.ts';
import { startFakeStripe, type FakeStripe } from '../../dev/stripe/fake-stripe.ts';
import { signIn, type Client } from '../client.ts';
import { startProduct, type RunningProduct } from '../harness.ts';
import { describeModes } from '../modes.ts';
import { runDeletions } from '../privacy/run-deletions.ts';
import { sqlOf, type Sql } from '../sql.ts';
import { quiet, sellThrough, startCheckout, tierOf } from '../subscriptions/shop.ts';

/** It needs the folder, which the server holds. */
const onlyByCommand = ['catalog reload', 'backup', 'restore', 'copy-to'];

it('has a command for every operation of operators, and the other way round', () => {
  const operations = [admin, usage, users]
    .flatMap((file) => Object.values(file as Record<string, unknown>))
    .filter((one): one is Endpoint => typeof one === 'object' && one !== null && 'operationId' in one);
  expect(operations.length).toBeGreaterThanOrEqual(12);
  expect(operations.every(({ auth }) => auth === 'admin')).toBe(true);
  const byCommand = Object.values(commands).flatMap((command) => command.operations.map((one) => one.operationId));
  expect([...new Set(byCommand)].toSorted()).toEqual(operations.map((one) => one.operationId).toSorted());
  const alone = Object.keys(commands).filter((name) => commands[name]!.operations.length === 0);
  expect(alone).toEqual(onlyByCommand);
});

describeModes('an administrator', (mode) => {
  const cleanUp = new AsyncDisposableStack();
  let stripe: FakeStripe;
  let running: RunningProduct;
  let sql: Sql;
  let operator: Client;

  beforeAll(async () => {
    stripe = cleanUp.use(await startFakeStripe());
    const place = cleanUp.use(await mode.place());
    running = cleanUp.use(await startProduct(place, { environment: sellThrough(stripe) }));
    sql = sqlOf(running);
    operator = await signIn(running.url);
    await sql(`update users set role = 'admin' where mobile_number = $1`, [operator.number]);
    await vi.waitFor(async () => expect((await operator.call('GET', '/admin/queue')).status).toBe(200), 10_000);
  });
  afterAll(() => cleanUp.disposeAsync());

  const idOf = async (user: Client): Promise<number> => (await user.call('GET', '/user/me')).body.id;
  const lastAudit = async () => (await operator.call('GET', '/admin/audit?limit=1')).body[0];

  it('deletes an account, with its subscription, as its owner would', async () => {
    const user = await signIn(running.url);
    const id = await idOf(user);
    await user.room('soon gone');
    const { session_id } = await startCheckout(user);
    const { subscription } = stripe.completeCheckout(session_id, { payment: 'succeeds' });
    await using feed = await user.events();
    expect((await operator.call('DELETE', `/admin/users/${id}`)).status).toBe(204);
    await feed.ended;
    expect((await user.call('GET', '/user/me')).status).toBe(401);
    expect((await operator.call('DELETE', `/admin/users/${id}`)).status).toBe(404);
    expect((await operator.call('GET', `/admin/users/${id}`)).status).toBe(404);
    expect(await lastAudit()).toMatchObject({ action: 'account_deleted', actor: 'admin', user_id: id, details: {} });
    await runDeletions(running);
    expect(await sql('select from users where id = $1', [id])).toEqual([]);
    expect(await sql('select from chatrooms where user_id = $1', [id])).toEqual([]);
    await expect
      .poll(() => stripe.calls.some(({ method, path }) => method === 'DELETE' && path.endsWith(subscription.id)), {
        timeout: 10_000,
      })
      .toBe(true);
  });

  it('cannot delete the last administrator', async () => {
    const id = await idOf(operator);
    expect(await operator.call('DELETE', `/admin/users/${id}`)).toMatchObject({
      status: 409,
      body: { code: 'last_admin' },
    });
    expect((await operator.call('GET', '/user/me')).status).toBe(200);
    expect(await lastAudit()).not.toMatchObject({ user_id: id });
  });

  it('has every customer synced, for payments that no event reported', async () => {
    const user = await signIn(running.url);
    const { session_id } = await startCheckout(user);
    stripe.completeCheckout(session_id, { payment: 'succeeds' });
    expect(await tierOf(sql, user.number)).toBe('Basic');
    const { status, body } = await operator.call('POST', '/admin/billing/reconcile');
    expect({ status, body }).toEqual({ status: 202, body: { customers: expect.any(Number) } });
    expect(body.customers).toBeGreaterThanOrEqual(1);
    await quiet(sql);
    expect(await tierOf(sql, user.number)).toBe('Pro');
    expect(await lastAudit()).toMatchObject({ action: 'billing_reconciled', actor: 'admin' });
  });
});
