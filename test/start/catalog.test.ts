/** The catalog's file: read at the start, or refused with messages that point to the fault. */
import { mkdtempSync, writeFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { afterAll, describe, expect, it } from 'vitest';
import { catalogSchema } from '../../contract/catalog.ts';
import { parseConfig } from '../../server/config/config.ts';
import { parseCatalogText } from '../../server/config/read-catalog.ts';
import { StartRefused } from '../../server/config/start-refused.ts';
import { request, signIn } from '../client.ts';
import { anyPlace, startProduct, type Environment } from '../harness.ts';
import { badCatalogs, gone, goodCatalog } from './bad-catalogs.ts';
import { expectRefusal } from './refused-start.ts';

const folder = mkdtempSync(path.join(os.tmpdir(), 'pollux-catalog-'));
const file = path.join(folder, 'catalog.json');
afterAll(() => rm(folder, { recursive: true }));

/** The valid catalog with another value at a pointer. */
function changed(pointer: string, value: unknown): unknown {
  if (pointer === '') return value;
  const catalog = structuredClone(goodCatalog) as any;
  const steps = pointer.slice(1).split('/');
  const last = steps.pop()!;
  const place = steps.reduce((at, step) => at[step], catalog);
  if (value === gone) delete place[last];
  else place[last] = value;
  return catalog;
}

function refusalOf(work: () => unknown): string {
  try {
    work();
    return 'taken';
  } catch (error) {
    return error instanceof StartRefused ? error.message : String(error);
  }
}

function given(catalog: string | Uint8Array): string {
  writeFileSync(file, catalog);
  return file;
}

const refusal = (environment: Environment) => refusalOf(() => parseConfig(environment, 'all'));

describe('a catalog', () => {
  it('that is valid is accepted', () => {
    const { models, plans } = parseCatalogText(JSON.stringify({ $schema: './catalog.schema.json', ...goodCatalog }));
    expect(models[0]).toMatchObject({ id: 'fast', contextTokens: 128_000, takes: ['image', 'pdf'] });
    expect(models.map(({ price }) => price)).toEqual([
      { input: 300_000, cachedInput: 30_000, audioInput: 300_000, output: 2_500_000, asOf: '2026-11-26' },
      { input: 1_250_000, cachedInput: 1_250_000, audioInput: 1_250_000, output: 10_000_000, asOf: '2026-11-26' },
      { input: 0, cachedInput: 0, audioInput: 0, output: 0, asOf: '2026-11-26' },
    ]);
    expect(models[2]!.server).toEqual({ baseUrl: 'http://127.0.0.1:11434/v1', apiKey: null });
    expect(plans).toMatchObject([
      { id: 'Free', stripePrices: [], dailyMessages: 5, monthlyCostMicros: 500_000, whenSpent: null, weight: 1 },
      { id: 'Plus', monthlyCostMicros: 5_000_000, whenSpent: 'fast', weight: 3, uploadMb: 25, storageMb: 1000 },
      { id: 'Max', stripePrices: ['price_max'], dailyMessages: null, monthlyCostMicros: null, weight: 4 },
    ]);
  });

  it.each(badCatalogs)('with %j = %o is refused', (pointer, value, sentence) => {
    expect(refusalOf(() => parseCatalogText(JSON.stringify(changed(pointer, value))))).toBe(sentence);
  });

  it('is refused with at most twenty messages', () => {
    const plans = Array.from({ length: 20 }, () => ({}));
    const told = refusalOf(() => parseCatalogText(JSON.stringify({ ...goodCatalog, plans }))).split('\n');
    expect(told).toHaveLength(20);
  });
});

describe('the file', () => {
  it.each([
    ['cut off', '{"models": [', 'CATALOG names a file that is not JSON.'],
    ['without a comma', '{\n  "models": [1 2]\n}', 'CATALOG names a file that is not JSON, in line 2 column 16.'],
    ['in another encoding', new Uint8Array([0xff, 0xfe, 0x7b]), 'CATALOG names a file that is not UTF-8 text.'],
    ['too large', ' '.repeat(1024 * 1024 + 1), 'CATALOG names a file of more than 1048576 bytes.'],
  ])('that is %s is refused', (_name, text, sentence) => {
    expect(refusal({ CATALOG: given(text) })).toBe(sentence);
  });

  it.each(['GEMINI_MODEL', 'BASIC_DAILY_LIMIT', 'STRIPE_PRO_PRICE_ID', 'CONTEXT_TOKEN_BUDGET'])(
    'cannot be combined with %s',
    (setting) => {
      const stripe = { STRIPE_SECRET_KEY: 'sk_1', STRIPE_WEBHOOK_SECRET: 'whsec_1' };
      const environment = { CATALOG: given(JSON.stringify(goodCatalog)), ...stripe };
      expect(refusal(environment)).toBe('taken');
      expect(refusal({ ...environment, [setting]: '500' })).toBe(
        `${setting} must not be set beside CATALOG, which says that; remove one of them.`,
      );
    },
  );

  it('of a server with Stripe has a plan with prices', () => {
    const plans = [goodCatalog.plans[0]];
    const CATALOG = given(JSON.stringify({ ...goodCatalog, plans }));
    expect(refusal({ CATALOG, STRIPE_SECRET_KEY: 'sk_1', STRIPE_WEBHOOK_SECRET: 'whsec_1' })).toBe(
      'STRIPE_SECRET_KEY is set, but no plan of CATALOG has stripe_prices; add them, or remove STRIPE_*.',
    );
  });

  it('ends the start with its message only', async () => {
    const CATALOG = given(JSON.stringify(changed('/plans/0/models/0', 'slow')));
    await expectRefusal('CATALOG /plans/0/models/0 names slow, which is not a model of this file.', { CATALOG });
  });
});

describe('a server with a catalog', () => {
  it('serves its schema, offers its plans, and assigns the first to new accounts', async () => {
    await using place = await anyPlace();
    const environment = { CATALOG: given(JSON.stringify(goodCatalog)) };
    const running = await startProduct(place, { environment });
    const served = await request('GET', `${running.url}/catalog.schema.json`);
    expect(served).toMatchObject({ status: 200, body: JSON.parse(JSON.stringify(catalogSchema)) });
    expect(served.headers.get('content-type')).toBe('application/schema+json; charset=utf-8');
    expect(new Ajv2020({ strict: false }).validate(served.body, goodCatalog)).toBe(true);
    const plans = await request('GET', `${running.url}/plans`);
    expect(plans.body).toMatchObject([
      { id: 'Free', daily_limit: 5, models: ['fast'] },
      { id: 'Plus', daily_limit: 100, models: ['fast', 'deep'] },
      { id: 'Max', daily_limit: null, models: ['deep', 'fast'] },
    ]);
    const user = await signIn(running.url);
    expect((await user.call('GET', '/user/me')).body.subscription_tier).toBe('Free');
    await running[Symbol.asyncDispose]();
    await expect(startProduct(place)).rejects.toThrow(
      'CATALOG must have every plan that accounts hold; it lacks Free (1). Add it, or first move them with',
    );
  });
});
