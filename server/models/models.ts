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

export interface ChangingModels {
  /** Its members change when the models are replaced. */
  readonly models: Models;
  replace(next: Models): void;
}

/** Models that a reload of the catalog replaces. Calls in progress keep the one they began with. */
export function changingModels(first: Models): ChangingModels {
  let current = first;
  return {
    models: {
      get ids() {
        return current.ids;
      },
      of: (id) => current.of(id),
      get mostContextTokens() {
        return current.mostContextTokens;
      },
    },
    replace(next) {
      current = next;
    },
  };
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
