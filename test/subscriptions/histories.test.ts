/** Random histories over three plans, delivered unreliably to two processes: the plan ends as Stripe's final state says. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { signIn } from '../client.ts';
import { startFakeStripe, type FakeStripe } from '../../dev/stripe/fake-stripe.ts';
import { sendOverHttp } from '../../dev/stripe/webhooks/delivery.ts';
import { scaled } from '../fault-scale.ts';
import { distributedPlace, startProduct, type Place, type RunningProduct } from '../harness.ts';
import { anyOf, randomFrom } from '../random.ts';
import { services } from '../services.ts';
import { sqlOf, type Sql } from '../sql.ts';
import { goodCatalog } from '../start/bad-catalogs.ts';
import { unreliableDelivery, beginHistory, expectRightPlan, changeRandomly, makeTrouble, settle } from './history.ts';
import type { Assortment } from './oracle.ts';
import {
  eventTypes,
  installShopClock,
  reconcileEveryone,
  sellPlans,
  setShopClock,
  thinWebhookSecret,
  webhookSecret,
} from './shop.ts';

const livesAtOnce = 10;
const batches = scaled(4);
const stepsEach = 9;
const firstSeed = Number(process.env.FIRST_SEED ?? 1);

describe.skipIf(!services.postgres || !services.redis)('random histories, two processes', () => {
  let place: Place;
  let stripe: FakeStripe;
  let otherPriceId: string;
  let plans: Assortment;
  let sql: Sql;
  const running: RunningProduct[] = [];

  const addressee = randomFrom(firstSeed);

  beforeAll(async () => {
    stripe = await startFakeStripe({
      send: (request, signal) => {
        const { url } = anyOf(addressee, running);
        return sendOverHttp({ ...request, url: `${url}/subscribe/webhook` }, signal);
      },
    });
    otherPriceId = stripe.createPrice().id;
    // The fake's own price is the best plan's, so that neither the first price nor the newest one is always the right one.
    const [free, plus, max] = goodCatalog.plans.map(({ id }) => id);
    plans = {
      free: free!,
      sold: [
        { plan: plus!, priceId: stripe.createPrice({ id: 'price_of_plus', unitAmount: 500 }).id },
        { plan: max!, priceId: stripe.proPriceId },
      ],
    };
    place = await distributedPlace();
    const environment = sellPlans(stripe, catalogOf(plans));
    for (const _process of [1, 2]) running.push(await startProduct(place, { environment }));
    sql = sqlOf(running[0]!);
    await installShopClock(sql);
  });
  afterAll(async () => {
    for (const one of running) await one[Symbol.asyncDispose]();
    await stripe[Symbol.asyncDispose]();
    await place[Symbol.asyncDispose]();
  });

  const seeds = Array.from({ length: batches }, (_, index) => firstSeed + index);
  it.each(seeds)('ten histories, seed %i', async (seed) => {
    const random = randomFrom(seed);
    const lossPercent = seed % 3 === 0 ? 30 : 0;
    const thin = seed % 4 === 1;
    await sql('delete from billing_customers');
    stripe.reset();
    const secret = thin ? thinWebhookSecret : webhookSecret;
    stripe.deliveries.endpoints.splice(0, Infinity, { url: 'http://product.invalid', secret, thin, types: eventTypes });
    const shop = { stripe, sql, plans, otherPriceId };
    await setShopClock(sql, stripe);

    const users = await Promise.all(Array.from({ length: livesAtOnce }, (_, index) => signIn(running[index % 2]!.url)));
    const histories = await Promise.all(users.map((user) => beginHistory(shop, user)));
    const delivery = unreliableDelivery(shop, random, { lossPercent, thin });
    for (let step = 0; step < livesAtOnce * stepsEach; step++) {
      if (random(5) === 0) makeTrouble(shop, random);
      await changeRandomly(shop, histories, random);
      if (random(3) === 0) delivery.some();
    }
    // The last changes happen during syncs that have read the earlier state.
    stripe.faults.inject({ latencyMs: 30, times: 100 });
    delivery.some();
    for (const _history of histories) await changeRandomly(shop, histories, random);
    await settle(shop, delivery);
    if (lossPercent > 0) {
      expect(delivery.lost()).toBeGreaterThan(0);
      await reconcileEveryone(sql);
    }
    for (const history of histories) await expectRightPlan(shop, history, seed);
  });
});

function catalogOf({ sold }: Assortment) {
  return {
    ...goodCatalog,
    plans: goodCatalog.plans.map(({ stripe_prices: _others, ...plan }) => {
      const prices = sold.filter((one) => one.plan === plan.id).map(({ priceId }) => priceId);
      return prices.length === 0 ? plan : { ...plan, stripe_prices: prices };
    }),
  };
}
