/** The refusal at the daily limit names the plan that has more, if one is sold. */
import { expect, it } from 'vitest';
import { builtInPlans } from '../../test/built-in-plans.ts';
import { plansOf } from '../config/catalog.ts';
import { dailyLimitReached } from './quota.ts';

const [free, pro] = builtInPlans(5).all;
const plan = (id: string, dailyMessages: number | null, isSold = true) => ({
  ...pro,
  id,
  dailyMessages,
  stripePrices: isSold ? [`price_${id}`] : [],
});
const given = plan('Given', 50, false);
const plus = plan('Plus', 100);
const max = plan('Max', null);
const quota = { limit: 5, used: 5, resetsAt: new Date('2026-11-24'), resetsInMs: 1000, budget: null };

it.each([
  ['of the free plan, to the next that is sold', [free, given, plus, max], 'Basic', 'Plus has more.', 'pro'],
  ['of the free plan, to one without a limit', [free, max], 'Basic', 'Max has no limit.', 'pro'],
  ['of a plan that is sold, to the one after it', [free, plus, max], 'Plus', 'Max has no limit.', 'portal'],
  ['of the last plan with a limit, to none', [free, plus], 'Plus', null, null],
  ['where no plan is sold, to none', [free, given], 'Basic', null, null],
  ['where the next has fewer, to none', [free, plan('Less', 3)], 'Basic', null, null],
] as const)('points %s', (_name, all, tier, words, page) => {
  const { message, options } = dailyLimitReached({ ...quota, tier }, plansOf({ plans: [...all] as never }));
  const end = words === null ? '.' : `; ${words}`;
  expect(message).toBe(`You have used your 5 messages of today. They come back at 2026-11-24T00:00:00.000Z${end}`);
  expect(options.members?.upgrade_url).toBe(page === null ? undefined : `/subscribe/${page}`);
});
