/** Faults of a catalog that its schema cannot detect: duplicate and unknown ids, and contradictory plans. */
import type { Catalog as CatalogFile } from '../../contract/catalog.ts';
import type { Environment } from './reader.ts';

export interface CatalogFault {
  /** RFC 6901. */
  readonly pointer: string;
  /** The rest of a sentence that begins with the pointer. */
  readonly must: string;
}

type Model = CatalogFile['models'][number];
type Plan = CatalogFile['plans'][number];

/** In the order of the file. */
export function catalogFaults({ models, plans }: CatalogFile, environment: Environment): CatalogFault[] {
  const known = new Map(models.map((model) => [model.id, model]));
  const prices = plans.flatMap(({ stripe_prices: own = [] }, n) =>
    own.map((value, at) => ({ value, pointer: `/plans/${n}/stripe_prices/${at}` })),
  );
  return [
    ...usedTwice(models.map(({ id }, n) => ({ value: id, pointer: `/models/${n}/id` }))),
    ...models.flatMap((model, n) =>
      modelFaults(model, `/models/${n}`).concat(serverFaults(model, `/models/${n}`, environment)),
    ),
    ...usedTwice(plans.map(({ id }, n) => ({ value: id, pointer: `/plans/${n}/id` }))),
    ...plans.flatMap((plan, n) => planFaults(plan, `/plans/${n}`, known)),
    ...firstPlanFaults(plans[0]!),
    ...usedTwice(prices),
  ];
}

/** Gemini's names, as `models.get` takes them. */
const geminiName = /^[\w.-]+(\/[\w.-]+)?$/;

/** Of the second generation, which takes no thinking level. */
const oldGemini = /^(models\/)?gemini-[12]\b/;

function modelFaults({ provider, candidates, price, thinking_level: level }: Model, at: string): CatalogFault[] {
  const names = candidates.map((value, n) => ({ value, pointer: `${at}/candidates/${n}` }));
  const wrongNames = names.filter(({ value }) => provider === 'gemini' && !geminiName.test(value));
  return [
    ...usedTwice(names),
    ...wrongNames.map(({ pointer }) => ({ pointer, must: 'must be the name of a Gemini model' })),
    ...(level !== undefined && provider !== 'gemini'
      ? [{ pointer: `${at}/thinking_level`, must: 'is for models of the provider gemini' }]
      : []),
    ...(level !== undefined && provider === 'gemini' && candidates.every((name) => oldGemini.test(name))
      ? [{ pointer: `${at}/thinking_level`, must: 'needs a candidate of the third generation of Gemini' }]
      : []),
    ...(price !== undefined && !isDay(price.as_of)
      ? [{ pointer: `${at}/price/as_of`, must: 'must be a day such as 2026-11-26' }]
      : []),
  ];
}

/** An `openai` server needs its address, and its key if it names one; Gemini's come from the settings. */
function serverFaults(
  { provider, base_url: baseUrl, api_key_env: keyName }: Model,
  at: string,
  environment: Environment,
): CatalogFault[] {
  if (provider === 'gemini') {
    const fault = (name: string) => ({ pointer: `${at}/${name}`, must: 'is for models of the provider openai' });
    return [...(baseUrl === undefined ? [] : [fault('base_url')]), ...(keyName ? [fault('api_key_env')] : [])];
  }
  const faults: CatalogFault[] = [];
  if (baseUrl === undefined || !isWebAddress(baseUrl))
    faults.push({ pointer: `${at}/base_url`, must: 'must be an address such as http://127.0.0.1:11434/v1' });
  if (keyName && !environment[keyName])
    faults.push({ pointer: `${at}/api_key_env`, must: `names ${keyName}, which is not set` });
  else if (keyName && !/^[!-~]+$/.test(environment[keyName]!))
    faults.push({ pointer: `${at}/api_key_env`, must: `names ${keyName}, which is not one word of plain ASCII` });
  return faults;
}

/** Without a user, query or fragment: paths are appended to it. */
function isWebAddress(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const { protocol, username, password, search, hash } = new URL(text);
  return ['http:', 'https:'].includes(protocol) && [username, password, search, hash].every((part) => part === '');
}

function planFaults(plan: Plan, at: string, known: ReadonlyMap<string, Model>): CatalogFault[] {
  const { models, monthly_cost_usd: monthlyCost, when_spent: whenSpent } = plan;
  const places = models.map((value, n) => ({ value, pointer: `${at}/models/${n}` }));
  const faults = [
    ...usedTwice(places),
    ...places
      .filter(({ value }) => !known.has(value))
      .map(({ value, pointer }) => ({ pointer, must: `names ${value}, which is not a model of this file` })),
  ];
  // The command that removes a grant uses this name instead of a plan's.
  if (plan.id === 'auto') faults.push({ pointer: `${at}/id`, must: 'must not be auto' });
  if (whenSpent !== undefined && !models.includes(whenSpent))
    faults.push({ pointer: `${at}/when_spent`, must: 'must be one of the models of the plan' });
  if (whenSpent !== undefined && monthlyCost === null)
    faults.push({ pointer: `${at}/when_spent`, must: 'needs a monthly_cost_usd that is not null' });
  const unpriced = models.find((id) => known.has(id) && known.get(id)!.price === undefined);
  if (monthlyCost !== null && unpriced !== undefined)
    faults.push({ pointer: `${at}/monthly_cost_usd`, must: `needs the price of ${unpriced}` });
  return faults;
}

function firstPlanFaults({ stripe_prices: prices }: Plan): CatalogFault[] {
  return prices === undefined
    ? []
    : [{ pointer: '/plans/0/stripe_prices', must: 'must be left out: the first plan is free' }];
}

function usedTwice(places: readonly { readonly value: string; readonly pointer: string }[]): CatalogFault[] {
  const seen = new Map<string, string>();
  return places.flatMap(({ value, pointer }) => {
    const before = seen.get(value);
    if (before === undefined) seen.set(value, pointer);
    return before === undefined ? [] : [{ pointer, must: `repeats ${value} of ${before}` }];
  });
}

function isDay(text: string): boolean {
  const date = new Date(`${text}T00:00:00Z`);
  return !Number.isNaN(date.getTime()) && date.toISOString().startsWith(text);
}
