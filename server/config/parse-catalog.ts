/** Parses the settings of models and plans: the catalog's file, or the settings of the built-in one. */
import { builtInCatalog, type Catalog, type ModelEntry } from './catalog.ts';
import { parseCatalogText, readCatalogFile } from './read-catalog.ts';
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

/** The file that `CATALOG` names, as it was at the start. */
export interface CatalogFile {
  readonly text: string;
  readonly changedAt: Date;
  readonly catalog: Catalog;
  /** Parses another text under the same settings. Throws `StartRefused` with a sentence for each fault. */
  readonly parse: (text: string) => Catalog;
}

export interface ParsedCatalog {
  /** The one that the process starts with. */
  readonly catalog: Catalog;
  /** Null for the built-in catalog. */
  readonly catalogFile: CatalogFile | null;
}

export function parseCatalog(read: Reader, context: CatalogContext): ParsedCatalog {
  const { gemini } = context;
  const sells = read.text('STRIPE_SECRET_KEY') !== null;
  const file = read.text('CATALOG');
  const contextTokens = read.integer('CONTEXT_TOKEN_BUDGET', 100, 10_000_000);
  const builtIn = builtInCatalog({
    provider: gemini === null ? 'demo' : 'gemini',
    model: gemini === null ? 'demo' : read.string('GEMINI_MODEL'),
    contextTokens,
    basicDailyLimit: read.integer('BASIC_DAILY_LIMIT', 0, 1_000_000),
    proPriceId: sells ? read.text('STRIPE_PRO_PRICE_ID') : null,
  });
  if (file === null) {
    for (const fault of faultsOfModels(builtIn, context)) read.complain(fault);
    return { catalog: Object.freeze(builtIn), catalogFile: null };
  }
  for (const name of replaced) {
    if (read.isSet(name)) read.complain(`${name} must not be set beside CATALOG, which says that; remove one of them.`);
  }
  try {
    const parse = (text: string) => parseFile(text, context, sells);
    const { text, changedAt } = readCatalogFile(file);
    const catalog = parse(text);
    return { catalog, catalogFile: { text, changedAt, catalog, parse } };
  } catch (error) {
    if (!(error instanceof StartRefused)) throw error;
    read.complain(error.message);
    return { catalog: builtIn, catalogFile: null };
  }
}

function parseFile(text: string, context: CatalogContext, sells: boolean): Catalog {
  const { models, plans } = parseCatalogText(text, context.environment);
  const isSold = plans.some(({ stripePrices }) => stripePrices.length > 0);
  const catalog = {
    models: models.map((model) => (context.gemini === null ? asDemo(model) : model)),
    // Without Stripe nothing can be bought.
    plans: sells ? plans : plans.map((plan) => ({ ...plan, stripePrices: [] })),
  } as unknown as Catalog;
  const faults = faultsOfModels(catalog, context);
  if (sells && !isSold) {
    faults.push('STRIPE_SECRET_KEY is set, but no plan of CATALOG has stripe_prices; add them, or remove STRIPE_*.');
  }
  if (faults.length > 0) throw new StartRefused(faults.join('\n'));
  return Object.freeze(catalog);
}

/** The demo model, which answers where Gemini has no key, is refused in production. */
function faultsOfModels({ models }: Catalog, { production }: CatalogContext): string[] {
  const isDemo = production && models.some(({ provider }) => provider === 'demo');
  return isDemo ? ['GEMINI_API_KEY must be set in production: the demo model is for development.'] : [];
}

/** Answered by the demo model. */
function asDemo(model: ModelEntry): ModelEntry {
  return model.provider === 'gemini' ? { ...model, provider: 'demo' } : model;
}
