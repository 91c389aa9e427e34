/** The progress of a call to a model, and its entry in the ledger. */
import type { ModelEntry } from '../config/catalog.ts';
import { costMicros } from '../models/cost.ts';
import type { UsageEntry } from '../plans/ledger-store.ts';
import type { ModelPart, Usage } from '../ports/model.ts';
import { tokensOf } from './tokens.ts';

export interface ModelCall {
  readonly entry: (text: string) => UsageEntry | null;
  /** The latest usage from the vendor, and whether it is final. */
  readonly counted: Counted | null;
  note(part: Counted): void;
  /** The first text came, so long after the claim of its reply. */
  began(afterMs: number): void;
  /** The vendor refused it, unless it had begun to answer. */
  refuse(): void;
}

type Counted = Extract<ModelPart, { type: 'usage' }>;

export interface Called {
  /** Ids of the called and the requested model. */
  readonly model: string;
  readonly asked: string;
  /** Tokens of the prompt, as estimated. */
  readonly estimate: number;
}

/** Begins a call. Its entry is an estimate until the vendor has counted all of it, and null if it was refused. */
export function modelCall(catalog: readonly ModelEntry[], { model, asked, estimate }: Called): ModelCall {
  const price = catalog.find(({ id }) => id === model)?.price ?? null;
  let counted: Counted | null = null;
  let isRefused = false;
  let firstTextMs: number | null = null;
  return {
    get counted() {
      return counted;
    },
    note(part) {
      counted = part;
    },
    began(afterMs) {
      firstTextMs = Math.round(afterMs);
    },
    refuse() {
      isRefused = true;
    },
    entry(text) {
      if (isRefused && counted === null && text === '') return null;
      const isEstimate = counted?.isFinal !== true;
      const usage = isEstimate ? estimatedUsage(counted?.usage ?? null, estimate, text) : counted!.usage;
      const told = { model, asked, name: counted?.name ?? null, firstTextMs };
      return { ...usage, ...told, costMicros: costMicros(price, usage), isEstimate };
    },
  };
}

/** At least what was counted before the answer broke off. */
function estimatedUsage(counted: Usage | null, promptTokens: number, text: string): Usage {
  const known = counted ?? { promptTokens, cachedTokens: 0, audioTokens: 0, answerTokens: 0, thinkingTokens: 0 };
  return { ...known, answerTokens: Math.max(known.answerTokens, tokensOf(text) + known.thinkingTokens) };
}
