/** Roles in every process: granted and revoked without a query for each request. */
import { pino } from 'pino';
import { expect } from 'vitest';
import { watchSessions } from '../../server/accounts/live-sessions.ts';
import { productTest, testModes } from '../fixtures.ts';
import type { Mode } from '../modes.ts';

const testIn = (mode: Mode) => productTest({ mode });

testModes('the role of an account', testIn, (it) => {
  it('follows the database', async ({ running, sql, user }) => {
    const { id } = (await user.call('GET', '/user/me')).body;
    await using sessions = await watchSessions(running.product.parts.db, pino({ level: 'silent' }));
    const role = async () => sessions.roleOf(id);

    expect(await role()).toBe('user');
    for (const next of ['admin', 'user']) {
      await sql(`update users set role = $1 where id = $2`, [next, id]);
      await expect.poll(role, { timeout: 5000, interval: 20 }).toBe(next);
      expect(await sessions.roleOf(id + 1)).toBe('user');
    }
  });
});
