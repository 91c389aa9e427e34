/** Random histories in which a real process is killed during a sync: another one finishes its work. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { signIn } from '../client.ts';
import { startFakeStripe, type FakeStripe } from '../../dev/stripe/fake-stripe.ts';
import { sendOverHttp } from '../../dev/stripe/webhooks/delivery.ts';
import { scaled } from '../fault-scale.ts';
import { distributedPlace, startProduct, type Place, type RunningProduct } from '../harness.ts';
import { startProcess, type RunningProcess } from '../processes.ts';
import { anyOf, randomFrom } from '../random.ts';
import { services } from '../services.ts';
import { sqlOf, type Sql } from '../sql.ts';
import {
  unreliableDelivery,
  beginHistory,
  expectRightPlan,
  changeRandomly,
  settle,
  type CustomerHistory,
} from './history.ts';
import {
  eventTypes,
  expireRunningJobs,
  installShopClock,
  reconcileEveryone,
  sellThrough,
  setShopClock,
  startCheckout,
  tierOf,
  webhookSecret,
} from './shop.ts';

const livesAtOnce = 10;
const batches = scaled(3);
const stepsEach = 9;
const firstSeed = Number(process.env.FIRST_SEED ?? 5000);

/** Requests during which a sync, or the handling of an event, is interrupted. */
const middles = [/^\/v1\/customers\//, /^\/v1\/subscriptions$/, /^\/v1\/charges/, /^\/v1\/invoices$/];

describe.skipIf(!services.postgres || !services.redis)('random histories, killed', () => {
  let place: Place;
  let stripe: FakeStripe;
  let sql: Sql;
  let api: RunningProduct;
  let worker: RunningProcess;

  const startWorker = () => startProcess({ ...place.environment, ...sellThrough(stripe) }, 'all');

  const addressee = randomFrom(firstSeed);

  beforeAll(async () => {
    stripe = await startFakeStripe({
      send: (request, signal) => {
        const { url } = anyOf(addressee, [api, worker]);
        return sendOverHttp({ ...request, url: `${url}/subscribe/webhook` }, signal);
      },
    });
    place = await distributedPlace();
    api = await startProduct(place, { environment: sellThrough(stripe), role: 'api' });
    sql = sqlOf(api);
    await installShopClock(sql);
    worker = await startWorker();
  });
  afterAll(async () => {
    await worker[Symbol.asyncDispose]();
    await api[Symbol.asyncDispose]();
    await stripe[Symbol.asyncDispose]();
    await place[Symbol.asyncDispose]();
  });
  beforeEach(async () => {
    await sql('delete from billing_customers');
    stripe.reset();
    const endpoint = { url: 'http://product.invalid', secret: webhookSecret, types: eventTypes };
    stripe.deliveries.endpoints.splice(0, Infinity, endpoint);
    await setShopClock(sql, stripe);
  });

  /** Kills the worker while it waits for Stripe; then the fake answers the held requests. */
  async function killDuringSync(histories: readonly CustomerHistory[], path: RegExp, stir: () => void): Promise<void> {
    const gate = stripe.faults.hold({ path });
    let isSyncing = false;
    void gate.arrived(1).then(() => (isSyncing = true));
    await expect.poll(() => (stir(), isSyncing), { interval: 20, timeout: 15_000 }).toBe(true);
    await worker.kill('SIGKILL');
    gate.open();
    stripe.faults.clear();
    for (const history of histories) history.steps.push('KILLED');
    // Expires the heartbeats of the dead worker at once.
    await expireRunningJobs(sql);
    worker = await startWorker();
  }

  const seeds = Array.from({ length: batches }, (_, index) => firstSeed + index);
  it.each(seeds)('ten histories, seed %i', { timeout: 60_000 }, async (seed) => {
    const plans = { free: 'Basic', sold: [{ plan: 'Pro', priceId: stripe.proPriceId }] };
    const shop = { stripe, sql, plans, otherPriceId: stripe.createPrice().id };
    const random = randomFrom(seed);
    const lossPercent = seed % 3 === 0 ? 30 : 0;
    const users = await Promise.all(Array.from({ length: livesAtOnce }, () => signIn(api.url)));
    const histories = await Promise.all(users.map((user) => beginHistory(shop, user)));
    const delivery = unreliableDelivery(shop, random, { lossPercent });
    const steps = livesAtOnce * stepsEach;
    const killAt = Math.floor(steps / 4) + random(Math.floor(steps / 2));
    for (let step = 0; step < steps; step++) {
      await changeRandomly(shop, histories, random);
      if (random(3) === 0) delivery.some();
      if (step === killAt) await killDuringSync(histories, middles[random(middles.length)]!, () => delivery.some());
    }
    await settle(shop, delivery);
    if (lossPercent > 0) {
      await reconcileEveryone(sql);
    }
    for (const history of histories) await expectRightPlan(shop, history, seed);
  });

  it('the work of a killed process is taken over within 20 seconds', { timeout: 60_000 }, async () => {
    const user = await signIn(api.url);
    const { session_id } = await startCheckout(user);
    stripe.completeCheckout(session_id, { payment: 'succeeds' });
    const gate = stripe.faults.hold({ path: /^\/v1\/invoices$/ });
    for (const { id } of stripe.deliveries.pendingEvents()) await stripe.deliveries.deliver(id);
    await gate.arrived(1);
    await worker.kill('SIGKILL');
    const killedAt = performance.now();
    gate.open();
    worker = await startWorker();
    await expect.poll(() => tierOf(sql, user.number), { timeout: 30_000 }).toBe('Pro');
    expect(performance.now() - killedAt).toBeLessThan(20_000);
  });
});
