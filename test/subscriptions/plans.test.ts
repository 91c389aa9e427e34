/** Prices of plans, for any caller: from Stripe, without waiting for it. */
import { pino } from 'pino';
import { describe, expect } from 'vitest';
import { PaymentsUnavailable, type PriceFacts } from '../../server/ports/payments.ts';
import { priceList } from '../../server/subscriptions/prices.ts';
import { request } from '../client.ts';
import { sellingTest } from '../fixtures.ts';

const log = pino({ level: 'silent' });
const nine: PriceFacts = { amount: 999, currency: 'usd', interval: 'month', intervalCount: 1 };

const it = sellingTest({ environment: { BASIC_DAILY_LIMIT: '7' } });

describe('the plans', () => {
  it.afterEach(({ stripe }) => stripe.faults.clear());

  it("are listed for any caller, with or without Stripe, and Pro has Stripe's price", async ({ stripe, url }) => {
    const list = () => request('GET', `${url}/plans`);
    const gate = stripe.faults.hold({ path: '/v1/prices' });
    const began = performance.now();
    const without = await list();
    expect(performance.now() - began).toBeLessThan(5000);
    expect(without).toMatchObject({
      status: 200,
      body: [
        { id: 'Basic', prices: [] },
        { id: 'Pro', prices: [] },
      ],
    });
    gate.open();
    await expect.poll(async () => (await list()).body[1].prices.length).toBe(1);
    expect((await list()).body).toEqual([
      { id: 'Basic', daily_limit: 7, replies_at_once: 2, models: [expect.any(String)], prices: [] },
      {
        id: 'Pro',
        daily_limit: null,
        replies_at_once: 5,
        models: [expect.any(String)],
        prices: [{ amount: 999, currency: 'usd', interval: 'month', interval_count: 1 }],
      },
    ]);
    const asked = stripe.calls.filter(({ path }) => path.startsWith('/v1/prices')).length;
    await Promise.all(Array.from({ length: 20 }, () => list()));
    expect(stripe.calls.filter(({ path }) => path.startsWith('/v1/prices')).length).toBe(asked);
  });
});

describe('the price list', () => {
  it('is requested once for concurrent callers, again after ten minutes, and dropped after a day without an answer', async () => {
    let now = 0;
    let asked = 0;
    let away = false;
    const readPrices = async () => {
      asked += 1;
      if (away) throw new PaymentsUnavailable('away');
      return new Map([['price_nine', nine]]);
    };
    const { read } = priceList(
      { readPrices },
      () => ['price_nine'],
      log,
      () => now,
    );
    await Promise.all(Array.from({ length: 10 }, read));
    expect([[...(await read()).values()], asked]).toEqual([[nine], 1]);
    now += 10 * 60_000;
    away = true;
    expect([[...(await read()).values()], asked]).toEqual([[nine], 2]);
    await Promise.resolve();
    now += 1000;
    expect([[...(await read()).values()], asked]).toEqual([[nine], 2]);
    now += 24 * 3_600_000;
    expect([[...(await read()).values()], asked]).toEqual([[], 3]);
  });

  it('is empty where nothing is sold', async () => {
    expect(await priceList(null, () => [], log).read()).toEqual(new Map());
  });
});
