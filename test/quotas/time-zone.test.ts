/** The day of the quota is the UTC day, with any time zone of the database's sessions. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { signIn } from '../client.ts';
import { distributedPlace, startProduct, type Place, type RunningProduct } from '../harness.ts';
import { services } from '../services.ts';
import { connectSql, setClock, sqlOf, usageByDay } from '../sql.ts';

describe.skipIf(!services.postgres || !services.redis).each([
  // 14 hours ahead: its date differs from 10:00 UTC on.
  ['Pacific/Kiritimati', '2031-05-06T12:00:00Z'],
  // 11 hours behind: its date differs until 11:00 UTC.
  ['Pacific/Pago_Pago', '2031-05-06T08:00:00Z'],
])('in a database of %s', (zone, moment) => {
  let place: Place;
  let running: RunningProduct;
  beforeAll(async () => {
    place = await distributedPlace();
    const name = new URL(place.environment.DATABASE_URL!).pathname.slice(1);
    await using admin = await connectSql(place);
    await admin.sql(`alter database ${name} set timezone = '${zone}'`);
    running = await startProduct(place, { role: 'api', environment: { BASIC_DAILY_LIMIT: '1' } });
  });
  afterAll(async () => {
    await running[Symbol.asyncDispose]();
    await place[Symbol.asyncDispose]();
  });

  it('charges, resets and counts by the UTC day', async () => {
    const sql = sqlOf(running);
    expect(await sql('show timezone')).toEqual([{ TimeZone: zone }]);
    await setClock(sql, moment);
    const user = await signIn(running.url);
    const roomId = await user.room();
    expect((await user.ask(roomId, 'Today')).status).toBe(202);
    const refused = await user.ask(roomId, 'Still today');
    expect(refused).toMatchObject({ status: 429, body: { resets_at: '2031-05-07T00:00:00.000Z' } });
    const leftSeconds = (Date.parse('2031-05-07T00:00:00Z') - Date.parse(moment)) / 1000;
    expect(refused.headers.get('ratelimit')).toBe(`"daily";r=0;t=${leftSeconds}`);
    expect(await usageByDay(sql, user.number)).toEqual([{ day: '2031-05-06', used: 1 }]);
    expect((await user.call('GET', '/user/me')).body).toMatchObject({
      daily_message_count: 1,
      last_message_date: '2031-05-06',
    });
    await setClock(sql, '2031-05-07T00:00:00Z');
    expect((await user.ask(roomId, 'Tomorrow')).status).toBe(202);
  });
});
