/** What an account has used, by day. */
import { Type, type Static } from 'typebox';
import { endpoint } from './endpoint.ts';

export const UsageDay = Type.Object(
  {
    date: Type.String({ format: 'date', description: 'A UTC day.', examples: ['2026-11-23'] }),
    messages: Type.Integer({ minimum: 0, description: 'Messages counted that day.', examples: [12] }),
    prompt_tokens: Type.Integer({ minimum: 0, description: 'Tokens that models read for you.', examples: [5400] }),
    answer_tokens: Type.Integer({ minimum: 0, description: 'Tokens that models wrote for you.', examples: [2100] }),
  },
  { title: 'UsageDay' },
);
export type UsageDay = Static<typeof UsageDay>;

export const readUsageDays = endpoint({
  method: 'GET',
  path: '/user/usage',
  operationId: 'readUsage',
  tag: 'Plans',
  summary: 'Your usage by day',
  description:
    'The last UTC days, today last, without gaps. Titles and summaries made for you are included in the tokens.',
  auth: 'bearer',
  query: Type.Object({
    days: Type.Optional(
      Type.Integer({ minimum: 1, maximum: 366, default: 30, description: 'How many days.', examples: [7] }),
    ),
  }),
  answers: { 200: { description: 'The days.', body: Type.Array(UsageDay) } },
  problems: [],
});
