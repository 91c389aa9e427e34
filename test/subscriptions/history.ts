/** Random histories of several customers: changes at Stripe, and unreliable delivery of their events. */
import { expect } from 'vitest';
import type { Client } from '../client.ts';
import type { FakeStripe } from '../../dev/stripe/fake-stripe.ts';
import { possibleSteps } from '../../dev/stripe/histories.ts';
import type { Random } from '../random.ts';
import type { Sql } from '../sql.ts';
import { rightTier, notCancelled, type Assortment } from './oracle.ts';
import { customerOf, quiet, setShopClock, startCheckout, tierOf } from './shop.ts';

export interface Shop {
  readonly stripe: FakeStripe;
  readonly sql: Sql;
  readonly plans: Assortment;
  /** A price that buys no plan. */
  readonly otherPriceId: string;
}

export interface CustomerHistory {
  readonly user: Client;
  readonly customer: string;
  /** The steps so far, for the report of a failure. */
  readonly steps: string[];
}

/** Makes a user a customer, with a Checkout session open. */
export async function beginHistory({ sql }: Shop, user: Client): Promise<CustomerHistory> {
  await startCheckout(user);
  return { user, customer: await customerOf(sql, user.number), steps: [] };
}

/** Makes one random change to one customer; time passes for all. */
export async function changeRandomly(shop: Shop, histories: readonly CustomerHistory[], random: Random): Promise<void> {
  const { stripe, sql, plans, otherPriceId } = shop;
  const history = histories[random(histories.length)]!;
  const steps = possibleSteps(stripe, history.customer, {
    sold: plans.sold.map(({ priceId }) => priceId),
    other: otherPriceId,
  });
  const step = steps[random(Math.max(1, steps.length))];
  if (!step) return;
  for (const each of step.name.endsWith('pass') ? histories : [history]) each.steps.push(step.name);
  step.run();
  await setShopClock(sql, stripe);
}

/** Sometimes makes Stripe's API slow or failing, or loses its answers. */
export function makeTrouble({ stripe }: Shop, random: Random): void {
  const kind = random(20);
  if (kind < 8) stripe.faults.inject({ latencyMs: random(60), times: 1 + random(10) });
  if (kind === 8) stripe.faults.inject({ status: 500 });
  if (kind === 9) stripe.faults.inject({ drop: true, afterWork: random(2) === 0 });
}

export interface Delivery {
  /** Sends, repeats or loses some of the pending events, without waiting for the answers. */
  some(): void;
  /** Sends all pending events, in random order and concurrently, and repeats those that were not accepted. */
  all(): Promise<void>;
  readonly lost: () => number;
}

/** Unreliable delivery of events. `lossPercent` of them are never delivered. */
export function unreliableDelivery({ stripe }: Shop, random: Random, { lossPercent = 0, thin = false } = {}): Delivery {
  const underWay = new Set<Promise<unknown>>();
  const decided = new Set<string>();
  let lost = 0;

  function send(id: string): void {
    const times = random(4) === 0 ? 2 + random(2) : 1;
    // Copies are sent at once, so that they are handled concurrently.
    for (const _copy of Array.from({ length: times })) {
      const sent = stripe.deliveries.deliver(id, { thin }).finally(() => underWay.delete(sent));
      underWay.add(sent);
    }
  }

  /** The pending events in random order, without the lost ones. */
  function waiting(): string[] {
    const ids = stripe.deliveries.pendingEvents().map(({ id }) => id);
    return shuffled(ids, random).filter((id) => {
      if (decided.has(id)) return true;
      decided.add(id);
      if (random(100) >= lossPercent) return true;
      stripe.deliveries.drop(id);
      lost++;
      return false;
    });
  }

  return {
    lost: () => lost,
    some() {
      const ids = waiting();
      for (const id of ids.slice(0, random(ids.length + 1))) send(id);
    },
    async all() {
      for (let ids = waiting(); ids.length > 0; ids = waiting()) {
        for (const id of ids) send(id);
        while (underWay.size > 0) await Promise.all(underWay);
      }
      while (underWay.size > 0) await Promise.all(underWay);
    },
  };
}

function shuffled<T>(values: readonly T[], random: Random): T[] {
  const mixed = [...values];
  for (let last = mixed.length - 1; last > 0; last--) {
    const other = random(last + 1);
    [mixed[last], mixed[other]] = [mixed[other]!, mixed[last]!];
  }
  return mixed;
}

/** Delivers and applies all events, including those that the product's own calls cause. */
export async function settle({ stripe, sql }: Shop, delivery: Delivery): Promise<void> {
  do {
    await delivery.all();
    await quiet(sql);
  } while (stripe.deliveries.pendingEvents().length > 0);
}

/** The plan in the database follows from Stripe's final state, and refunded subscriptions are cancelled. */
export async function expectRightPlan(
  { stripe, sql, plans }: Shop,
  history: CustomerHistory,
  seed: number,
): Promise<void> {
  const told = `seed ${seed}: ${history.steps.join(' → ')}`;
  const view = () => stripe.customer(history.customer);
  // Polled, because a grace period may end between the two queries.
  await expect
    .poll(async () => [await tierOf(sql, history.user.number), rightTier(view(), plans, stripe.now())], {
      message: `${told}\n${JSON.stringify(view().subscriptions, null, 1)}`,
      timeout: 3000,
    })
    .toSatisfy(([tier, earned]: string[]) => tier === earned);
  expect(notCancelled(view(), plans), told).toEqual([]);
}
