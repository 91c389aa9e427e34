/** Parses the settings of models and plans: the catalog's file, or the settings of the built-in one. */
import { builtInCatalog, type Catalog, type ModelEntry } from './catalog.ts';
import { readCatalog } from './read-catalog.ts';
import type { Environment, Reader } from './reader.ts';
import type { SettingName } from './settings.ts';
import { StartRefused } from './start-refused.ts';
import type { GeminiConfig } from './vendors.ts';

/** Settings that the file replaces. */
const replaced: readonly SettingName[] = [
  'GEMINI_MODEL',
  'BASIC_DAILY_LIMIT',
  'STRIPE_PRO_PRICE_ID',
  'CONTEXT_TOKEN_BUDGET',
];

export interface CatalogContext {
  readonly production: boolean;
  /** Null without a key. */
  readonly gemini: GeminiConfig | null;
  /** For the keys that the file names. */
  readonly environment: Environment;
}

/** The demo model, which answers where Gemini has no key, is refused in production. */
export function parseCatalog(read: Reader, { production, gemini, environment }: CatalogContext): Catalog {
  const file = read.text('CATALOG');
  const contextTokens = read.integer('CONTEXT_TOKEN_BUDGET', 100, 10_000_000);
  const builtIn = builtInCatalog({
    provider: gemini === null ? 'demo' : 'gemini',
    model: gemini === null ? 'demo' : read.string('GEMINI_MODEL'),
    contextTokens,
    basicDailyLimit: read.integer('BASIC_DAILY_LIMIT', 0, 1_000_000),
    proPriceId: read.text('STRIPE_PRO_PRICE_ID'),
  });
  const catalog = file === null ? builtIn : readOr(builtIn, read, () => readCatalog(file, environment));
  const models = gemini === null ? catalog.models.map(asDemo) : catalog.models;
  if (production && models.some(({ provider }) => provider === 'demo')) {
    read.complain('GEMINI_API_KEY must be set in production: the demo model is for development.');
  }
  return Object.freeze({ ...catalog, models: models as unknown as Catalog['models'] });
}

function readOr(otherwise: Catalog, read: Reader, take: () => Catalog): Catalog {
  for (const name of replaced) {
    if (read.isSet(name)) read.complain(`${name} must not be set beside CATALOG, which says that; remove one of them.`);
  }
  try {
    return take();
  } catch (error) {
    if (!(error instanceof StartRefused)) throw error;
    read.complain(error.message);
    return otherwise;
  }
}

/** Answered by the demo model. */
function asDemo(model: ModelEntry): ModelEntry {
  return model.provider === 'gemini' ? { ...model, provider: 'demo' } : model;
}
