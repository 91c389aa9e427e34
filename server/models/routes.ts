/** HTTP for models. */
import { listModels, type ModelInfo } from '../../contract/models.ts';
import { signInRequired } from '../accounts/authenticate.ts';
import { readTier } from '../accounts/store.ts';
import type { Catalog, ModelEntry, Plans } from '../config/catalog.ts';
import type { Serve } from '../http/serve.ts';
import type { Database } from '../ports/database.ts';

export interface ModelRoutesDeps {
  readonly db: Database;
  readonly catalog: Pick<Catalog, 'models'>;
  readonly plans: Plans;
}

export function serveModels(serve: Serve, { db, catalog, plans }: ModelRoutesDeps): void {
  serve(listModels, async ({ caller }) => {
    const tier = await readTier(db, caller.userId);
    if (tier === null) throw signInRequired();
    const own = plans.of(tier).models;
    const rank = ({ id }: ModelEntry) => (own.includes(id) ? own.indexOf(id) : own.length);
    return catalog.models
      .toSorted((a, b) => rank(a) - rank(b))
      .map((model) => presentModel(model, { default: model.id === own[0], available: own.includes(model.id) }));
  });
}

function presentModel(
  { id, label, takes, contextTokens }: ModelEntry,
  standing: Pick<ModelInfo, 'default' | 'available'>,
): ModelInfo {
  return { id, label, takes: [...takes], context_tokens: contextTokens, ...standing };
}
