/** Opens the models of a catalog over the adapters of their vendors. */
import type { Logger } from 'pino';
import type { Catalog, ModelEntry } from '../config/catalog.ts';
import type { Model } from '../ports/model.ts';
import { firstKnown } from './candidates.ts';
import { modelsOf, type Models } from './models.ts';

export interface ModelOpening {
  readonly log: Logger;
  /** Returns what counts that a name of this model is gone. */
  readonly namesGone: (model: string) => () => void;
  /** Returns what opens this model under a name of its vendor. */
  readonly adapterOf: (entry: ModelEntry) => Promise<(name: string) => Model>;
}

/** Returns what opens the models of a catalog. A model that a reload leaves as it was stays open. */
export function modelOpener({ log, namesGone, adapterOf }: ModelOpening) {
  let opened = new Map<string, Model>();

  async function open(entry: ModelEntry): Promise<Model> {
    const count = namesGone(entry.id);
    return firstKnown(entry.candidates, await adapterOf(entry), (name) => {
      count();
      log.error({ model: entry.id, name }, 'the vendor no longer knows a name of the model, the next is tried');
    });
  }

  return async ({ models }: Pick<Catalog, 'models'>): Promise<Models> => {
    const next = new Map<string, Model>();
    for (const entry of models) {
      const key = JSON.stringify({ ...entry, label: '', price: null });
      next.set(key, opened.get(key) ?? (await open(entry)));
    }
    opened = next;
    return modelsOf([...next.values()]);
  };
}
