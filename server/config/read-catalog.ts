/** Reads and checks the catalog's file, by its schema and further rules. Every fault is a sentence with a JSON pointer. */
import { readFileSync, statSync } from 'node:fs';
import { Ajv, type ErrorObject } from 'ajv';
import { Catalog as CatalogSchema, type Catalog as CatalogFile } from '../../contract/catalog.ts';
import { uploadDefaults, type Catalog, type ModelEntry, type ModelPrice, type Plan } from './catalog.ts';
import { catalogFaults } from './catalog-faults.ts';
import type { Environment } from './reader.ts';
import { StartRefused } from './start-refused.ts';

const mostBytes = 1024 * 1024;
/** The maximum of sentences. */
const mostTold = 20;

/** Reads the file. Throws `StartRefused`, whose sentence names CATALOG. */
export function readCatalogFile(file: string): { readonly text: string; readonly changedAt: Date } {
  let bytes: Buffer;
  let changedAt: Date;
  try {
    bytes = readFileSync(file);
    changedAt = statSync(file).mtime;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw refused([`names a file that cannot be read (${code}).`], { cause: error });
  }
  if (bytes.length > mostBytes) throw refused([`names a file of more than ${mostBytes} bytes.`]);
  try {
    return { text: new TextDecoder('utf-8', { fatal: true }).decode(bytes), changedAt };
  } catch (error) {
    throw refused(['names a file that is not UTF-8 text.'], { cause: error });
  }
}

/** Parses the text of the file; keys come from the environment. Throws `StartRefused` with the place of each fault. */
export function parseCatalogText(text: string, environment: Environment = {}): Catalog {
  const catalog = jsonOf(text);
  // Compiled for each file: it is read at start and at reloads only.
  const validate = new Ajv({ allErrors: true, strict: false }).compile<CatalogFile>(CatalogSchema);
  if (!validate(catalog)) throw refused((validate.errors ?? []).map(sentenceOf));
  const faults = catalogFaults(catalog, environment);
  if (faults.length > 0) throw refused(faults.map(({ pointer, must }) => `${pointer} ${must}.`));
  return catalogOf(catalog, environment);
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    const place = /line \d+ column \d+/.exec(String(error))?.[0];
    throw refused([`names a file that is not JSON${place === undefined ? '' : `, in ${place}`}.`], { cause: error });
  }
}

function refused(sentences: readonly string[], options?: ErrorOptions): StartRefused {
  const told = [...new Set(sentences)].slice(0, mostTold).map((sentence) => `CATALOG ${sentence}`);
  return new StartRefused(told.join('\n'), options);
}

function sentenceOf({ instancePath, keyword, params, message = 'is not as it must be' }: ErrorObject): string {
  const place = instancePath === '' ? '/' : instancePath;
  if (keyword === 'additionalProperties')
    return `${place} has a member that is not known: ${params.additionalProperty}.`;
  if (keyword === 'required') return `${place} must have the member ${params.missingProperty}.`;
  if (keyword === 'enum') return `${place} must be one of ${(params.allowedValues as unknown[]).join(', ')}.`;
  if (keyword === 'type') return `${place} must be of the type ${[params.type].flat().join(' or ')}.`;
  return `${place} ${message}.`;
}

function catalogOf({ models, plans }: CatalogFile, environment: Environment): Catalog {
  return {
    models: models.map((model) => modelOf(model, environment)) as [ModelEntry, ...ModelEntry[]],
    plans: plans.map(planOf) as [Plan, ...Plan[]],
  };
}

function modelOf(model: CatalogFile['models'][number], environment: Environment): ModelEntry {
  const { base_url: baseUrl, api_key_env: keyName = null } = model;
  const apiKey = keyName === null ? null : (environment[keyName] ?? null);
  return {
    id: model.id,
    label: model.label,
    provider: model.provider,
    server: baseUrl === undefined ? null : { baseUrl: baseUrl.replace(/\/+$/, ''), apiKey },
    candidates: model.candidates as [string, ...string[]],
    contextTokens: model.context_tokens,
    maxAnswerTokens: model.max_answer_tokens,
    thinkingLevel: model.thinking_level ?? null,
    takes: model.takes,
    price: model.price === undefined ? null : priceOf(model.price),
  };
}

/** Six decimal places are kept. */
const millionths = (value: number) => Math.round(value * 1_000_000);

function priceOf(price: NonNullable<CatalogFile['models'][number]['price']>): ModelPrice {
  const { input, cached_input: cached = input, audio_input: audio = input, output } = price;
  return {
    input: millionths(input),
    cachedInput: millionths(cached),
    audioInput: millionths(audio),
    output: millionths(output),
    asOf: price.as_of,
  };
}

function planOf(plan: CatalogFile['plans'][number]): Plan {
  const { stripe_prices: stripePrices = [], monthly_cost_usd: monthlyCost } = plan;
  return {
    id: plan.id,
    stripePrices,
    dailyMessages: plan.daily_messages,
    models: plan.models as [string, ...string[]],
    monthlyCostMicros: monthlyCost === null ? null : millionths(monthlyCost),
    whenSpent: plan.when_spent ?? null,
    repliesAtOnce: plan.replies_at_once,
    weight: plan.weight ?? (stripePrices.length > 0 ? 4 : 1),
    uploadMb: plan.upload_mb,
    storageMb: plan.storage_mb,
    uploadMegapixels: plan.upload_megapixels ?? uploadDefaults.uploadMegapixels,
    uploadPages: plan.upload_pages ?? uploadDefaults.uploadPages,
  };
}
