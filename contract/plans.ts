/** Plans: limits and prices. */
import { Type, type Static } from 'typebox';
import { endpoint } from './endpoint.ts';
import { Nullable, Timestamp } from './shapes.ts';

/** Ids of the plans where the operator has no catalog, the free one first. */
export const builtInPlanIds = ['Basic', 'Pro'] as const;
/** A plan's id, as `tier` on the wire. */
export const Tier = Type.String({
  description: 'Id of a plan, as in `GET /plans`.',
  examples: [builtInPlanIds[0]],
});
export type Tier = Static<typeof Tier>;

export const Price = Type.Object(
  {
    amount: Type.Integer({
      minimum: 0,
      description: 'In the smallest unit of the currency by ISO 4217: cents for `usd`, whole yen for `jpy`.',
      examples: [999],
    }),
    currency: Type.String({ description: 'ISO 4217, in lower case.', examples: ['usd'] }),
    interval: Type.Enum(['day', 'week', 'month', 'year']),
    interval_count: Type.Integer({ minimum: 1, description: 'Number of intervals between payments.', examples: [1] }),
  },
  { title: 'Price' },
);
export type Price = Static<typeof Price>;

/** How much of the plan's monthly cost is used. */
export const Budget = Type.Unsafe<{ used_percent: number; resets_at: string } | null>({
  type: ['object', 'null'],
  description: 'Of what the models may cost in a UTC calendar month, unfinished replies included; null = unlimited.',
  properties: {
    used_percent: Type.Integer({ minimum: 0, maximum: 100, examples: [40] }),
    resets_at: Timestamp,
  },
  required: ['used_percent', 'resets_at'],
  examples: [{ used_percent: 40, resets_at: '2026-12-01T00:00:00.000Z' }],
});

export const Plan = Type.Object(
  {
    id: Tier,
    daily_limit: Nullable(Type.Integer({ description: 'Messages a day; null = unlimited.', examples: [5] })),
    replies_at_once: Type.Integer({ description: 'Replies generated concurrently.', examples: [2] }),
    models: Type.Array(Type.String(), {
      description: 'Ids of its models, the default first.',
      examples: [['gemini-3.5-flash-lite']],
    }),
    prices: Type.Array(Price, {
      description:
        'As the payment service tells them; empty for what is free, what is not sold here, and while that service cannot be reached.',
    }),
  },
  { title: 'Plan' },
);
export type Plan = Static<typeof Plan>;

export const listPlans = endpoint({
  method: 'GET',
  path: '/plans',
  operationId: 'listPlans',
  tag: 'Plans',
  summary: 'Plans and prices',
  description: 'All plans with their limits and prices. Prices are at most ten minutes old.',
  auth: 'none',
  conditional: true,
  standsAlone: true,
  answers: { 200: { description: 'The plans, cheapest first.', body: Type.Array(Plan) } },
  problems: [],
});
