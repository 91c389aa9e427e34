/** The plan for each state of Stripe's subscriptions. */
import { describe, expect, it } from 'vitest';
import type { Tier } from '../../contract/plans.ts';
import { builtInPlans, proPriceId } from '../../test/built-in-plans.ts';
import { plansOf, type Plan } from '../config/catalog.ts';
import type { SubscriptionFacts } from '../ports/payments.ts';
import { soldAsPro, standingOf } from './tier.ts';

const plans = builtInPlans(5);
const now = new Date('2026-11-23T12:00:00.000Z');
const dayMs = 24 * 3_600_000;
const inDays = (days: number) => new Date(now.getTime() + days * dayMs);

function subscription(facts: Partial<SubscriptionFacts> = {}): SubscriptionFacts {
  return {
    id: 'sub_1',
    status: 'active',
    priceIds: [proPriceId],
    currentPeriodEnd: inDays(20),
    cancelAtPeriodEnd: false,
    everPaid: true,
    pastDueSince: null,
    refunded: false,
    dispute: 'none',
    ...facts,
  };
}

const sevenDaysAgo = inDays(-7);
const almostSevenDaysAgo = new Date(sevenDaysAgo.getTime() + 1);
const pastDue = { status: 'past_due', pastDueSince: inDays(-1) };

const table: [string, Partial<SubscriptionFacts>, Tier][] = [
  ['trialing', { status: 'trialing' }, 'Pro'],
  ['active', {}, 'Pro'],
  ['active, cancelled at the period end', { cancelAtPeriodEnd: true }, 'Pro'],
  ['trialing, cancelled at the period end', { status: 'trialing', cancelAtPeriodEnd: true }, 'Pro'],
  ['past_due since a moment', { status: 'past_due', pastDueSince: now }, 'Pro'],
  ['past_due for a millisecond less than 7 days', { status: 'past_due', pastDueSince: almostSevenDaysAgo }, 'Pro'],
  ['past_due for 7 days', { status: 'past_due', pastDueSince: sevenDaysAgo }, 'Basic'],
  ['past_due for 30 days', { status: 'past_due', pastDueSince: inDays(-30) }, 'Basic'],
  ['past_due since nobody knows when', { status: 'past_due' }, 'Basic'],
  ['incomplete', { status: 'incomplete', everPaid: false }, 'Basic'],
  ['incomplete_expired', { status: 'incomplete_expired', everPaid: false }, 'Basic'],
  ['unpaid', { status: 'unpaid' }, 'Basic'],
  ['canceled', { status: 'canceled' }, 'Basic'],
  ['paused', { status: 'paused' }, 'Basic'],
  ['a status of the future', { status: 'hibernating' }, 'Basic'],
  ['an empty status', { status: '' }, 'Basic'],
  ['a status that is also a property of objects', { status: 'constructor' }, 'Basic'],
  ['active, but never paid', { everPaid: false }, 'Basic'],
  ['past_due, but never paid', { ...pastDue, everPaid: false }, 'Basic'],
  ['active, the period refunded', { refunded: true }, 'Basic'],
  ['past_due, the period refunded', { ...pastDue, refunded: true }, 'Basic'],
  ['active, disputed', { dispute: 'open' }, 'Basic'],
  ['trialing, disputed', { status: 'trialing', dispute: 'open' }, 'Basic'],
  ['past_due, disputed', { ...pastDue, dispute: 'open' }, 'Basic'],
  ['active, a dispute lost', { dispute: 'lost' }, 'Basic'],
  ['active, another price', { priceIds: ['price_other'] }, 'Basic'],
  ['trialing, another price', { status: 'trialing', priceIds: ['price_other'] }, 'Basic'],
];

describe('the tier of one subscription', () => {
  it.each(table)('%s', (_name, facts, tier) => {
    expect(standingOf([subscription(facts)], now, plans).tier).toBe(tier);
  });

  it('is Basic without any', () => {
    const nothing = { tier: 'Basic', subscription: null, toCancel: [], recheckAt: null };
    expect(standingOf([], now, plans)).toEqual(nothing);
    expect(standingOf([subscription({ priceIds: ['price_other'] })], now, plans)).toEqual(nothing);
  });
});

describe('of several subscriptions', () => {
  it.each(table.filter(([, , tier]) => tier === 'Basic'))('an active one beats one that is %s', (_name, facts) => {
    const poor = subscription({ id: 'sub_poor', currentPeriodEnd: inDays(300), ...facts });
    const good = subscription({ id: 'sub_good' });
    for (const order of [
      [poor, good],
      [good, poor],
    ]) {
      expect(standingOf(order, now, plans)).toMatchObject({ tier: 'Pro', subscription: { id: 'sub_good' } });
    }
  });

  it('prefers a paid one to one in its grace period, and the one that ends last', () => {
    const late = subscription({ id: 'sub_late', ...pastDue, currentPeriodEnd: inDays(90) });
    const short = subscription({ id: 'sub_short', currentPeriodEnd: inDays(1) });
    const long = subscription({ id: 'sub_long', currentPeriodEnd: inDays(30) });
    expect(standingOf([late, short, long], now, plans).subscription?.id).toBe('sub_long');
    expect(standingOf([late, short], now, plans).subscription?.id).toBe('sub_short');
  });

  it('shows the one closest to active if none grants Pro', () => {
    const ended = subscription({ id: 'sub_ended', status: 'canceled', currentPeriodEnd: inDays(50) });
    const unpaid = subscription({ id: 'sub_unpaid', status: 'unpaid' });
    const disputed = subscription({ id: 'sub_disputed', dispute: 'open', currentPeriodEnd: inDays(1) });
    expect(standingOf([ended, unpaid, disputed], now, plans).subscription?.id).toBe('sub_disputed');
    expect(standingOf([ended, unpaid], now, plans).subscription?.id).toBe('sub_unpaid');
  });

  it('does not change its input', () => {
    const given = [subscription({ status: 'canceled' }), subscription({ id: 'sub_2' })];
    const before = structuredClone(given);
    standingOf(given, now, plans);
    expect(given).toEqual(before);
  });
});

describe('subscriptions to cancel:', () => {
  const alive = ['trialing', 'active', 'past_due', 'unpaid', 'paused', 'incomplete', 'hibernating'];
  const forfeit: Partial<SubscriptionFacts>[] = [{ refunded: true }, { dispute: 'lost' }];

  it.each(alive)('a refunded or charged-back one that is %s', (status) => {
    for (const facts of forfeit) {
      expect(standingOf([subscription({ status, ...facts })], now, plans).toCancel).toEqual(['sub_1']);
    }
  });

  it.each(['canceled', 'incomplete_expired'])('not one that is %s', (status) => {
    for (const facts of forfeit)
      expect(standingOf([subscription({ status, ...facts })], now, plans).toCancel).toEqual([]);
  });

  it('not one that is only disputed, nor one with another price', () => {
    const others = [
      subscription({ dispute: 'open' }),
      subscription({ ...pastDue, pastDueSince: inDays(-30) }),
      subscription({ priceIds: ['price_other'], refunded: true }),
    ];
    expect(standingOf(others, now, plans).toCancel).toEqual([]);
  });

  it('every refunded or charged-back one, but not a paid one', () => {
    const standing = standingOf(
      [
        subscription({ id: 'sub_refunded', refunded: true }),
        subscription({ id: 'sub_lost', dispute: 'lost' }),
        subscription({ id: 'sub_good' }),
      ],
      now,
      plans,
    );
    expect(standing).toMatchObject({ tier: 'Pro', subscription: { id: 'sub_good' } });
    expect(standing.toCancel).toEqual(['sub_refunded', 'sub_lost']);
  });
});

describe('the time of the next sync without an event', () => {
  it('is the end of the grace period', () => {
    expect(standingOf([subscription(pastDue)], now, plans).recheckAt).toEqual(inDays(6));
  });

  it('is the end of a cancelled period, then each minute until Stripe has ended it', () => {
    const cancelled = { cancelAtPeriodEnd: true, currentPeriodEnd: inDays(2) };
    expect(standingOf([subscription(cancelled)], now, plans).recheckAt).toEqual(inDays(2));
    const late = { cancelAtPeriodEnd: true, currentPeriodEnd: now };
    expect(standingOf([subscription(late)], now, plans).recheckAt).toEqual(new Date(now.getTime() + 60_000));
  });

  it('is none for one that renews, and for Basic', () => {
    expect(standingOf([subscription()], now, plans).recheckAt).toBeNull();
    expect(
      standingOf([subscription({ status: 'past_due', pastDueSince: sevenDaysAgo })], now, plans).recheckAt,
    ).toBeNull();
  });
});

describe('several plans that are sold', () => {
  const { all, free } = plans;
  const max = { ...all[1]!, id: 'Max', stripePrices: ['price_max', 'price_max_year'] };
  const plus = { ...all[1]!, id: 'Plus', stripePrices: ['price_plus'] };

  it('sell as Pro the plan Pro wherever it is, otherwise the first of them', () => {
    const sold = (...others: Plan[]) => soldAsPro(plansOf({ plans: [free, ...others] }))?.id ?? null;
    expect(sold(plus, all[1]!, max)).toBe('Pro');
    expect(sold(plus, max)).toBe('Plus');
    expect(sold({ ...all[1]!, stripePrices: [] }, max)).toBe('Max');
    expect(sold()).toBeNull();
  });

  const three = plansOf({ plans: [free, ...all.slice(1), max] });

  it.each([
    [[proPriceId], all[1]!.id],
    [['price_max_year'], 'Max'],
    [['price_other', 'price_max'], 'Max'],
    [['price_other'], free.id],
  ])('prices %j earn %s', (priceIds, tier) => {
    expect(standingOf([subscription({ priceIds })], now, three).tier).toBe(tier);
  });

  it('give the best that is earned, however the subscriptions are ordered', () => {
    const pro = subscription({ id: 'sub_pro' });
    const late = { priceIds: ['price_max'], status: 'past_due', pastDueSince: inDays(-1) };
    const best = subscription({ id: 'sub_max', ...late });
    const lost = subscription({ id: 'sub_lost', ...late, pastDueSince: sevenDaysAgo });
    for (const order of [
      [pro, best],
      [best, pro],
    ]) {
      expect(standingOf(order, now, three)).toMatchObject({ tier: 'Max', subscription: { id: 'sub_max' } });
    }
    expect(standingOf([lost, pro], now, three)).toMatchObject({ tier: all[1]!.id, subscription: { id: 'sub_pro' } });
  });
});
