/** The plans and models on offer. Everything that depends on a plan or a model reads it here. */
import { tiers, type Tier } from '../../contract/plans.ts';
import type { ModelConfig } from './vendors.ts';

export interface Plan {
  readonly id: Tier;
  /** Messages a day; null = unlimited. */
  readonly dailyMessages: number | null;
  /** Replies of one account that may be generated concurrently. */
  readonly repliesAtOnce: number;
  /** Weight of the plan when replies of several plans are due. */
  readonly weight: number;
}

/** Cheapest first: the plan of accounts that have not paid, then the one that is sold. */
export type Plans = readonly [free: Plan, sold: Plan];

export function builtInPlans(basicDailyLimit: number): Plans {
  const [basic, pro] = tiers;
  return Object.freeze([
    Object.freeze({ id: basic, dailyMessages: basicDailyLimit, repliesAtOnce: 2, weight: 1 }),
    Object.freeze({ id: pro, dailyMessages: null, repliesAtOnce: 5, weight: 4 }),
  ] as const);
}

export interface ModelEntry {
  /** Stored with every reply. */
  readonly id: string;
  readonly provider: ModelConfig['kind'];
  /** What the vendor calls it. */
  readonly name: string;
  /** Most tokens of a prompt, as estimated. */
  readonly contextTokens: number;
  /** Most tokens of an answer, thinking included; bounds the cost of a question. */
  readonly maxAnswerTokens: number;
}

/** The default model first. */
export type ModelEntries = readonly [ModelEntry, ...ModelEntry[]];

const maxAnswerTokens = 8192;

export function builtInModels(model: ModelConfig, contextTokens: number): ModelEntries {
  const name = model.kind === 'gemini' ? model.model : 'demo';
  return Object.freeze([
    Object.freeze({ id: name, provider: model.kind, name, contextTokens, maxAnswerTokens }),
  ] as const);
}
