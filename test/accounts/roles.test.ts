/** Roles in every process: granted and revoked without a query for each request. */
import { pino } from 'pino';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { watchSessions } from '../../server/accounts/live-sessions.ts';
import { signIn } from '../client.ts';
import { startProduct, type Place, type RunningProduct } from '../harness.ts';
import { describeModes } from '../modes.ts';
import { sqlOf } from '../sql.ts';

describeModes('the role of an account', (mode) => {
  let place: Place;
  let running: RunningProduct;
  beforeAll(async () => {
    place = await mode.place();
    running = await startProduct(place);
  });
  afterAll(async () => {
    await running?.[Symbol.asyncDispose]();
    await place?.[Symbol.asyncDispose]();
  });

  it('follows the database', async () => {
    const { id } = (await (await signIn(running.url)).call('GET', '/user/me')).body;
    await using sessions = await watchSessions(running.product.parts.db, pino({ level: 'silent' }));
    const role = async () => sessions.roleOf(id);

    expect(await role()).toBe('user');
    for (const next of ['admin', 'user']) {
      await sqlOf(running)(`update users set role = $1 where id = $2`, [next, id]);
      await expect.poll(role, { timeout: 5000, interval: 20 }).toBe(next);
      expect(await sessions.roleOf(id + 1)).toBe('user');
    }
  });
});
