/** Usage and cost, for operators. */
import { Type, type Static } from 'typebox';
import { endpoint } from './endpoint.ts';

const Day = (description: string) => Type.String({ format: 'date', description, examples: ['2026-11-23'] });
const count = (description: string, example: number) => Type.Integer({ description, examples: [example] });

/** Days of one request. */
export const usageDaysAtMost = 92;

export const usageGroups = ['day', 'model', 'plan'] as const;

export const AdminUsage = Type.Object(
  {
    key: Type.String({
      description: 'The UTC day, the id of the model that answered, or the id of the plan at that time.',
      examples: ['2026-11-23'],
    }),
    messages: count('Messages for which a model was called.', 120),
    active_accounts: count('Accounts for which a model was called.', 17),
    calls: count('Calls to a model: every attempt, summaries and titles too.', 143),
    prompt_tokens: count('Cached ones included.', 90_000),
    cached_tokens: count('Of the prompts.', 12_000),
    answer_tokens: count('Thinking included.', 30_000),
    thinking_tokens: count('Of the answers.', 4000),
    cost_usd: Type.Number({ description: 'By the prices of the catalog.', examples: [0.123_456] }),
    failures: count('Replies that failed. By plan: that of the account now.', 2),
    refunds: count('Those of them that were refunded.', 2),
  },
  { title: 'AdminUsage' },
);
export type AdminUsage = Static<typeof AdminUsage>;

export const adminReadUsage = endpoint({
  method: 'GET',
  path: '/admin/usage',
  operationId: 'adminReadUsage',
  tag: 'Operator',
  summary: 'Read usage and cost',
  description: `From the ledger of calls to models, by UTC day without gaps, by model or by plan. At most ${usageDaysAtMost} days; without \`from\` the last 30, without \`to\` until today. What deleted accounts cost stays; their failures do not.`,
  auth: 'admin',
  query: Type.Object({
    from: Type.Optional(Day('The first UTC day.')),
    to: Type.Optional(Day('The last UTC day.')),
    by: Type.Optional(Type.Enum([...usageGroups], { description: 'Grouping of the rows; by default `day`.' })),
  }),
  answers: { 200: { description: 'The rows: days in order, others by cost.', body: Type.Array(AdminUsage) } },
  problems: [],
});
