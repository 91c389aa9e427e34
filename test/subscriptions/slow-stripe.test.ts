/** Events are acknowledged at once during outages of Stripe's API, and applied when it works again. */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { signIn, type Client } from '../client.ts';
import { startFakeStripe, type FakeStripe } from '../../dev/stripe/fake-stripe.ts';
import type { Fault } from '../../dev/stripe/wire/faults.ts';
import { scaled } from '../fault-scale.ts';
import { distributedPlace, type Place } from '../harness.ts';
import { startProcess, type RunningProcess } from '../processes.ts';
import { services } from '../services.ts';
import { connectSql, type Sql, type SqlConnection } from '../sql.ts';
import { deliverTo, quiet, sellThrough, startCheckout, tierOf } from './shop.ts';

const customers = 20;
const rounds = scaled(4);
const atOnce = 4;
let place: Place;
let stripe: FakeStripe;
let running: RunningProcess;
let connection: SqlConnection;
let sql: Sql;
let users: Client[];

describe.skipIf(!services.postgres || !services.redis)("Stripe's API in trouble", () => {
  beforeAll(async () => {
    stripe = await startFakeStripe();
    place = await distributedPlace();
    running = await startProcess({ ...place.environment, ...sellThrough(stripe) });
    connection = await connectSql(place);
    sql = connection.sql;
    deliverTo(stripe, running.url);
  });
  afterAll(async () => {
    await running[Symbol.asyncDispose]();
    await connection[Symbol.asyncDispose]();
    await stripe[Symbol.asyncDispose]();
    await place[Symbol.asyncDispose]();
  });
  beforeEach(async () => {
    users = await Promise.all(Array.from({ length: customers }, () => signIn(running.url)));
    for (const user of users) {
      const { session_id } = await startCheckout(user);
      stripe.completeCheckout(session_id, { payment: 'succeeds' });
    }
  });

  afterEach(() => stripe.faults.clear());

  /** Delivers all pending events, each several times; returns the response times in ms. */
  async function acknowledgements(): Promise<number[]> {
    const ids = stripe.deliveries.pendingEvents().map(({ id }) => id);
    const took: number[] = [];
    for (let round = 0; round < rounds; round++) {
      for (let from = 0; from < ids.length; from += atOnce) {
        const sent = await Promise.all(ids.slice(from, from + atOnce).map((id) => stripe.deliveries.deliver(id)));
        for (const { status, durationMs } of sent.flat()) {
          expect(status).toBe(200);
          took.push(durationMs);
        }
      }
    }
    return took.toSorted((a, b) => a - b);
  }

  const troubles: [string, Fault][] = [
    ['slow by 5 seconds', { latencyMs: 5000 }],
    ['down with 500', { status: 500 }],
    ['cutting every connection', { drop: true }],
    ['asking to slow down', { status: 429 }],
  ];
  it.each(troubles)('%s: answers within 500 ms, and the plans follow', { timeout: 60_000 }, async (_name, fault) => {
    const heal = stripe.faults.inject({ ...fault, times: Infinity });
    const asked = stripe.calls.length;
    const took = await acknowledgements();
    const p99 = took[Math.floor(took.length * 0.99)]!;
    expect(took.length).toBeGreaterThanOrEqual(customers * 4 * rounds);
    expect(p99).toBeLessThan(500);
    for (const user of users) expect(await tierOf(sql, user.number)).toBe('Basic');
    // Syncs are calling it meanwhile.
    await expect.poll(() => stripe.calls.length, { timeout: 10_000 }).toBeGreaterThan(asked);
    heal();
    await quiet(sql, 40_000);
    for (const user of users) expect(await tierOf(sql, user.number)).toBe('Pro');
  });
});
