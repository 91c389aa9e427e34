/** Two requests with one Idempotency-Key, of which the other commits between our query and our insert. */
import { describe, expect } from 'vitest';
import { productTest } from '../fixtures.ts';
import { distributedPlace } from '../harness.ts';
import { services } from '../services.ts';
import { connectSql, waitingForLocks } from '../sql.ts';

const it = productTest({ open: distributedPlace, role: 'api' });

describe.skipIf(!services.postgres || !services.redis)('the late winner of an idempotency key', () => {
  it('creates the message; the other request repeats its answer and is not charged', async ({ place, sql, user }) => {
    const roomId = await user.room();
    const first = await user.ask(roomId, 'Once', { 'idempotency-key': 'first' });
    await using winner = await connectSql(place);
    await winner.sql('begin');
    // The winner's writes without their commit: invisible to others, but blocking the key.
    await winner.sql(
      `insert into idempotency_keys (user_id, key, fingerprint, message_id, reply_id, created_at)
       select user_id, 'late', fingerprint, message_id, reply_id, created_at from idempotency_keys where key = 'first'`,
    );
    const losing = user.ask(roomId, 'Once', { 'idempotency-key': 'late' });
    await expect.poll(() => waitingForLocks(sql, 'pg_try_advisory_xact_lock')).toBe(1);
    await winner.sql('commit');
    const lost = await losing;
    expect([lost.status, lost.body]).toEqual([202, first.body]);
    expect((await user.call('GET', '/user/me')).body.daily_message_count).toBe(1);
    expect((await user.call('GET', `/chatroom/${roomId}/messages?include=pending`)).body).toHaveLength(2);
  });
});
