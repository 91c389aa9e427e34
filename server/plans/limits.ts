/** What the statements that accept a question know of each plan. */
import type { ModelEntry, Plans } from '../config/catalog.ts';
import { costMicros } from '../models/cost.ts';

/** The longest question is always sent, whatever the model's context. */
const longestQuestionTokens = 32_000;

/**
 * By plan, as JSON: `daily` is the daily limit, null = unlimited; `models` are ids, the default first; `cost` is the monthly cost in
 * micro-dollars, null = unlimited; `spent` is the model that answers past it, null = none; `reserves` has the most that a call may
 * cost, by model.
 */
export function planLimits({ all }: Plans, models: readonly ModelEntry[]): string {
  const reserves = new Map(models.map((model) => [model.id, reserveOf(model)]));
  const limits = all.map((plan) => [
    plan.id,
    {
      daily: plan.dailyMessages,
      models: plan.models,
      cost: plan.monthlyCostMicros,
      spent: plan.whenSpent,
      reserves: Object.fromEntries(plan.models.map((id) => [id, reserves.get(id) ?? 0])),
    },
  ]);
  return JSON.stringify(Object.fromEntries(limits));
}

function reserveOf({ price, contextTokens, maxAnswerTokens }: ModelEntry): number {
  return costMicros(price, {
    promptTokens: Math.max(contextTokens, longestQuestionTokens),
    cachedTokens: 0,
    audioTokens: 0,
    answerTokens: maxAnswerTokens,
    thinkingTokens: 0,
  });
}
