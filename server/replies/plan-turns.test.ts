/** Scheduling between plans. */
import { expect, it } from 'vitest';
import { planTurns } from './plan-turns.ts';

const weights = { Pro: 4, Basic: 1 };

/** Claims one reply at a time among the plans that wait, as the statement does. */
function claims(
  turns: ReturnType<typeof planTurns>,
  waiting: readonly (keyof typeof weights)[],
  count: number,
): string {
  const key = (plan: keyof typeof weights) => turns.behind(plan) + 1 / weights[plan];
  let order = '';
  for (let n = 0; n < count; n++) {
    const next = waiting.toSorted((a, b) => key(a) - key(b))[0]!;
    turns.note(next);
    order += next[0]!;
  }
  return order;
}

it('assigns four of five turns to the plan with weight 4 while both wait', () => {
  const order = claims(
    planTurns(() => weights),
    ['Pro', 'Basic'],
    50,
  );
  expect(order.match(/B/g)).toHaveLength(10);
  expect(order).not.toMatch(/BB|P{5}/);
});

it('assigns all turns to the only plan that waits', () => {
  expect(
    claims(
      planTurns(() => weights),
      ['Basic'],
      5,
    ),
  ).toBe('BBBBB');
});

it('serves a plan that had nothing queued first, once', () => {
  const turns = planTurns(() => weights);
  claims(turns, ['Pro'], 1000);
  expect(claims(turns, ['Pro', 'Basic'], 7)).toMatch(/^B?P?BP{3,4}B?/);
  expect(claims(turns, ['Pro', 'Basic'], 50).match(/B/g)).toHaveLength(10);
});

it('counts a plan that comes later like one that had nothing queued, and forgets one that goes', () => {
  let now: Record<string, number> = { Pro: 4 };
  const turns = planTurns(() => now);
  for (let n = 0; n < 100; n++) turns.note('Pro');
  now = { Pro: 4, Basic: 1 };
  expect(turns.behind('Basic')).toBeLessThan(turns.behind('Pro'));
  expect(claims(turns, ['Pro', 'Basic'], 50).match(/B/g)).toHaveLength(10);
  now = { Basic: 1 };
  turns.note('Pro');
  expect(turns.behind('Pro')).toBe(0);
});
