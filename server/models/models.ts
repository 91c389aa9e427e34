/** The models on offer, chosen by id. */
import type { Model } from '../ports/model.ts';

export interface Models {
  /** The default model's first. */
  readonly ids: readonly string[];
  /** The model with this id; the default one if there is no such model (any more). */
  of(id: string | null): Model;
  /** The largest of any model. */
  readonly mostContextTokens: number;
}

/** The first one is the default. */
export function modelsOf(models: readonly Model[]): Models {
  const byId = new Map(models.map((model) => [model.id, model]));
  const ids = [...byId.keys()];
  return {
    ids,
    of: (id) => byId.get(id ?? ids[0]!) ?? byId.get(ids[0]!)!,
    mostContextTokens: Math.max(...models.map(({ contextTokens }) => contextTokens)),
  };
}
