/** Usage, cost and revenue, for operators. */
import { Type, type Static } from 'typebox';
import { endpoint } from './endpoint.ts';
import { Nullable } from './shapes.ts';

const Day = (description: string) => Type.String({ format: 'date', description, examples: ['2026-11-23'] });
const count = (description: string, example: number) => Type.Integer({ description, examples: [example] });

/** Days of one request. */
export const usageDaysAtMost = 92;

export const usageGroups = ['day', 'model', 'plan'] as const;

/** Money of one currency, in its smallest unit by ISO 4217. */
export const Revenue = Type.Object(
  {
    currency: Type.String({ description: 'ISO 4217, in lower case.', examples: ['usd'] }),
    paid: count('Invoices paid, tax included.', 1998),
    returned: count('Refunds, and what disputes withdrew, on the day of the refund or dispute.', 0),
  },
  { title: 'Revenue' },
);
export type Revenue = Static<typeof Revenue>;

export const AdminUsage = Type.Object(
  {
    key: Type.String({
      description: 'The UTC day, the id of the model that answered, or the id of the plan at that time.',
      examples: ['2026-11-23'],
    }),
    messages: count('Messages for which a model was called, each once a day.', 120),
    active_accounts: count('Accounts for which a model was called, each once in a row.', 17),
    calls: count('Calls to a model: every attempt, summaries and titles too.', 143),
    prompt_tokens: count('Cached ones included.', 90_000),
    cached_tokens: count('Of the prompts.', 12_000),
    answer_tokens: count('Thinking included.', 30_000),
    thinking_tokens: count('Of the answers.', 4000),
    cost_usd: Type.Number({ description: 'By the prices of the catalog.', examples: [0.123_456] }),
    first_token_p50_ms: Nullable(
      count('Median time from the claim of a reply to its first text, within 3 %; null if no call has answered.', 640),
    ),
    first_token_p95_ms: Nullable(count('The time that 95 % of the calls stayed below.', 1900)),
    failures: count('Replies that failed.', 2),
    refunds: count('Those of them that were refunded to the day of the account.', 2),
    revenue: Type.Array(Revenue, {
      description:
        'By currency, as the payment service reports it. Empty by model. By plan: of the plan that was paid for.',
    }),
    upgrades: count('Accounts that moved to a higher plan, paid or granted. By plan: to that plan.', 1),
  },
  { title: 'AdminUsage' },
);
export type AdminUsage = Static<typeof AdminUsage>;

export const adminReadUsage = endpoint({
  method: 'GET',
  path: '/admin/usage',
  operationId: 'adminReadUsage',
  tag: 'Operator',
  summary: 'Read usage, cost and revenue',
  description: `By UTC day without gaps, by model or by plan. At most ${usageDaysAtMost} days; without \`from\` the last 30, without \`to\` until today. Equals the ledger of calls to models and the payments of the payment service at any moment, today included. What deleted accounts used, cost and paid stays.`,
  auth: 'admin',
  query: Type.Object({
    from: Type.Optional(Day('The first UTC day.')),
    to: Type.Optional(Day('The last UTC day.')),
    by: Type.Optional(Type.Enum([...usageGroups], { description: 'Grouping of the rows; by default `day`.' })),
  }),
  answers: { 200: { description: 'The rows: days in order, others by cost.', body: Type.Array(AdminUsage) } },
  problems: [],
});
