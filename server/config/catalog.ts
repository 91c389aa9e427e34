/** The plans and models on offer. Everything that depends on a plan or a model reads it here. */
import { builtInPlanIds } from '../../contract/plans.ts';

export interface Plan {
  /** `tier` on the wire. */
  readonly id: string;
  /** Stripe's prices that buy it; empty for a plan that is not sold. */
  readonly stripePrices: readonly string[];
  /** Messages a day; null = unlimited. */
  readonly dailyMessages: number | null;
  /** Ids, the default model's first. */
  readonly models: readonly [string, ...string[]];
  /** What its models may cost for one account in a UTC calendar month, in micro-dollars; null = unlimited. */
  readonly monthlyCostMicros: number | null;
  /** The model that answers past the monthly cost; null = none. */
  readonly whenSpent: string | null;
  /** Replies of one account that may be generated concurrently. */
  readonly repliesAtOnce: number;
  /** Weight of the plan when replies of several plans are due. */
  readonly weight: number;
  /** Largest file. */
  readonly uploadMb: number;
  /** All files of one account. */
  readonly storageMb: number;
  /** Largest image, in millions of pixels; all frames of an animation together. */
  readonly uploadMegapixels: number;
  /** Most pages of a document, slides, or sheets. */
  readonly uploadPages: number;
}

/** Millionths of a micro-dollar for a token, which is US dollars for a million tokens with six decimal places. */
export interface ModelPrice {
  readonly input: number;
  readonly cachedInput: number;
  readonly audioInput: number;
  readonly output: number;
  /** The day of the price, `2026-11-26`. */
  readonly asOf: string;
}

export interface ModelEntry {
  /** Stored with every reply. */
  readonly id: string;
  readonly label: string;
  readonly provider: 'gemini' | 'openai' | 'demo';
  /** Of an `openai` server; null for others. */
  readonly server: { readonly baseUrl: string; readonly apiKey: string | null } | null;
  /** What the vendor calls it, the best first. */
  readonly candidates: readonly [string, ...string[]];
  /** Most tokens of a prompt, as estimated. */
  readonly contextTokens: number;
  /** Most tokens of an answer, thinking included; bounds the cost of a question. */
  readonly maxAnswerTokens: number;
  /** How long it may think; null = as the vendor chooses. */
  readonly thinkingLevel: 'minimal' | 'low' | 'medium' | 'high' | null;
  /** Files it reads itself. */
  readonly takes: readonly ('image' | 'pdf')[];
  /** Null if it is not known. */
  readonly price: ModelPrice | null;
}

/** Read from a file or built in, and never changed: a reload makes another. */
export interface Catalog {
  readonly models: readonly [ModelEntry, ...ModelEntry[]];
  /** The free one first. */
  readonly plans: readonly [Plan, ...Plan[]];
}

/** The plans in force. */
export interface Plans {
  readonly all: Catalog['plans'];
  /** The plan of accounts that have bought or been given none. */
  readonly free: Plan;
  /** The plan with this id; the free one if there is none (any more). */
  of(id: string): Plan;
}

export function plansOf({ plans }: Pick<Catalog, 'plans'>): Plans {
  const byId = new Map(plans.map((plan) => [plan.id, plan]));
  return { all: plans, free: plans[0], of: (id) => byId.get(id) ?? plans[0] };
}

/** The model that a plan answers with: the requested one if the plan has it, otherwise its default. */
export function modelIn({ models }: Plan, asked: string | null): string {
  return asked !== null && models.includes(asked) ? asked : models[0];
}

export interface BuiltIn {
  readonly provider: 'gemini' | 'demo';
  /** What the vendor calls the model. */
  readonly model: string;
  readonly contextTokens: number;
  readonly basicDailyLimit: number;
  /** Null while nothing is sold. */
  readonly proPriceId: string | null;
}

const maxAnswerTokens = 8192;

/** Where a plan does not say. A worker reads an image of this size within its memory. */
export const uploadDefaults = { uploadMegapixels: 50, uploadPages: 1000 };

/** The catalog where `CATALOG` is not set: a free plan, one that is sold, and one model for both. */
export function builtInCatalog({ provider, model, contextTokens, basicDailyLimit, proPriceId }: BuiltIn): Catalog {
  const [basic, pro] = builtInPlanIds;
  const ofBoth = { models: [model], monthlyCostMicros: null, whenSpent: null } as const;
  const named = { id: model, label: model, provider, server: null, candidates: [model] } as const;
  return {
    models: [
      {
        ...named,
        contextTokens,
        maxAnswerTokens,
        thinkingLevel: null,
        takes: ['image', 'pdf'],
        price: prices[model] ?? null,
      },
    ],
    plans: [
      {
        ...ofBoth,
        id: basic,
        stripePrices: [],
        dailyMessages: basicDailyLimit,
        repliesAtOnce: 2,
        weight: 1,
        ...uploadDefaults,
        uploadMb: 10,
        storageMb: 100,
      },
      {
        ...ofBoth,
        id: pro,
        stripePrices: proPriceId === null ? [] : [proPriceId],
        dailyMessages: null,
        repliesAtOnce: 5,
        weight: 4,
        ...uploadDefaults,
        uploadMb: 50,
        storageMb: 5000,
      },
    ],
  };
}

const nothing = { input: 0, cachedInput: 0, audioInput: 0, output: 0, asOf: '2026-11-26' };

/** By the vendor's name: https://ai.google.dev/gemini-api/docs/pricing. */
const prices: Readonly<Record<string, ModelPrice>> = {
  demo: nothing,
  'gemini-3.5-flash-lite': {
    input: 300_000,
    cachedInput: 30_000,
    audioInput: 300_000,
    output: 2_500_000,
    asOf: '2026-11-26',
  },
};
