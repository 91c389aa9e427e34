/** The doctor finds each fault of an installation, says what to do, and finds none in a healthy one. */
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { examine } from '../../server/admin/doctor/examine.ts';
import type { DoctorDeps, Finding } from '../../server/admin/doctor/finding.ts';
import { stripePayments } from '../../server/adapters/payments/stripe.ts';
import { parseConfig, type Config } from '../../server/config/config.ts';
import { modelsOf } from '../../server/models/models.ts';
import { StorageUnavailable } from '../../server/ports/storage.ts';
import { relevantEvents } from '../../server/subscriptions/event-types.ts';
import { startFakeStripe, type FakeStripe } from '../../dev/stripe/fake-stripe.ts';
import { signIn } from '../client.ts';
import { startFakeGemini } from '../fakes/gemini.ts';
import { askAt, distributedPlace, startProduct, testEnvironment, type RunningProduct } from '../harness.ts';
import { describeModes } from '../modes.ts';
import { services } from '../services.ts';
import { sqlOf, type Sql } from '../sql.ts';
import { sellThrough } from '../subscriptions/shop.ts';
import { runAdmin } from './run-admin.ts';

const webhook = 'https://chat.example.com/subscribe/webhook';
const frontendUrl = 'https://chat.example.com';

/** As if a job of the schedule had completed, for which a test would wait a minute. */
async function letScheduleRun(sql: Sql): Promise<void> {
  await sql(`insert into pollux_jobs.job (name, state, completed_on) values ('periodic', 'completed', now())`);
}

describeModes('the doctor', (mode) => {
  const cleanUp = new AsyncDisposableStack();
  let stripe: FakeStripe;
  let running: RunningProduct;
  let sql: Sql;
  let config: Config;

  beforeAll(async () => {
    stripe = cleanUp.use(await startFakeStripe());
    const gemini = cleanUp.use(await startFakeGemini());
    const place = cleanUp.use(await mode.place());
    const environment = { ...sellThrough(stripe), ...askAt(gemini) };
    running = cleanUp.use(await startProduct(place, { environment }));
    sql = sqlOf(running);
    config = { ...parseConfig({ ...testEnvironment, ...place.environment, ...environment }, 'all'), frontendUrl };
    await letScheduleRun(sql);
  });
  afterAll(() => cleanUp.disposeAsync());
  beforeEach(() => {
    stripe.reset();
    stripe.addEndpoint(webhook);
  });

  const look = (changes: Partial<DoctorDeps> = {}) =>
    examine({
      ...running.product.parts,
      openModels: async () => running.product.parts.models,
      config,
      isServer: true,
      ...changes,
    });
  const wrong = async (changes: Partial<DoctorDeps> = {}): Promise<Finding[]> =>
    (await look(changes)).filter(({ state }) => state !== 'ok');

  /** Exactly these findings, each with advice. */
  async function expectOnly(
    changes: Partial<DoctorDeps>,
    ...wanted: [state: string, subject: string, found: RegExp][]
  ): Promise<void> {
    // Settings of a test are no one's choice.
    const found = (await wrong(changes)).filter(({ subject }) => subject !== 'settings');
    expect(found.map(({ state, subject }) => [state, subject])).toEqual(
      wanted.map(([state, subject]) => [state, subject]),
    );
    for (const [index, [, , words]] of wanted.entries()) expect(found[index]!.found).toMatch(words);
    expect(found.every(({ advice }) => advice !== null && advice.endsWith('.'))).toBe(true);
  }

  it('finds nothing wrong with a healthy installation, and tells what it looked at', async () => {
    await expectOnly({});
    const subjects = new Set((await look()).map(({ subject }) => subject));
    for (const subject of [
      'database',
      'migrations',
      'clock of the database',
      'storage of files',
      'disk',
      'workers',
      'models',
      'names of models',
      'sums of usage',
      'webhook',
      'prices',
    ])
      expect(subjects).toContain(subject);
    expect(subjects.has('Redis')).toBe(config.redis !== null);
  });

  it('finds clocks that differ', async () => {
    const now = () => Date.now() + 10_000;
    const redis: [string, string, RegExp][] = config.redis ? [['fault', 'clock of Redis', /9\.\d|10\.0/]] : [];
    await expectOnly({ now }, ['fault', 'clock of the database', /(9\.\d|10\.0) s behind/], ...redis);
  });

  it('finds a disk that is nearly full', async () => {
    const disk = (freeBytes: number) => ({ readDisk: async () => ({ freeBytes, totalBytes: 100e9 }) });
    await expectOnly(disk(100e6), ['fault', 'disk', /100 MB are free/]);
    await expectOnly(disk(5e9), ['warning', 'disk', /5000 MB are free/]);
  });

  it('finds a Redis that evicts, is full, or does not answer', async () => {
    const facts = { version: '7.2.0', evictionPolicy: 'noeviction', usedBytes: 10, limitBytes: 100, clockMs: 0 };
    const redis = (changes: Partial<typeof facts>) => ({
      readRedis: async () => ({ ...facts, clockMs: Date.now(), ...changes }),
    });
    await expectOnly(redis({}));
    await expectOnly(redis({ evictionPolicy: 'allkeys-lru' }), ['fault', 'Redis', /allkeys-lru/]);
    await expectOnly(redis({ usedBytes: 90 }), ['warning', 'Redis', /90 %/]);
    const readRedis = () => Promise.reject(new Error('connect ECONNREFUSED'));
    await expectOnly({ readRedis }, ['fault', 'Redis', /ECONNREFUSED/]);
  });

  it('finds storage that cannot be written to', async () => {
    const { storage } = running.product.parts;
    const put = () => Promise.reject(new StorageUnavailable('AccessDenied'));
    await expectOnly({ storage: { ...storage, put } }, ['fault', 'storage of files', /AccessDenied/]);
  });

  it('finds a database of a newer version', async () => {
    await sql(`insert into drizzle.__drizzle_migrations (hash, created_at) values ('of the future', 0)`);
    await expectOnly({}, ['warning', 'migrations', /^1 migrations are of a newer version/]);
    await sql(`delete from drizzle.__drizzle_migrations where hash = 'of the future'`);
  });

  it('finds models that the vendor does not know, or pauses', async () => {
    const [{ id }] = config.catalog.models;
    await sql(`insert into model_pauses (model, until, missing_since) values ($1, now() + interval '1 hour', now())`, [
      id,
    ]);
    await expectOnly({}, ['fault', 'models', new RegExp(`not known ${id}`)]);
    await sql('update model_pauses set missing_since = null');
    await expectOnly({}, ['warning', 'models', new RegExp(`no questions for ${id}`)]);
    await sql('delete from model_pauses');
  });

  it('finds names of models that their vendors do not know, and vendors that do not answer', async () => {
    const { ids } = running.product.parts.models;
    const [{ candidates }] = config.catalog.models;
    const asked = (unknownNames: () => Promise<readonly string[]>) => ({
      openModels: async () => modelsOf([{ ...running.product.parts.models.of(null), unknownNames }]),
    });
    await expectOnly(
      asked(async () => candidates),
      ['fault', 'names of models', /cannot answer/],
    );
    const more = { ...config.catalog.models[0], candidates: [...candidates, 'gemini-ended'] as const };
    await expectOnly(
      { ...asked(async () => ['gemini-ended']), config: { ...config, catalog: { ...config.catalog, models: [more] } } },
      ['warning', 'names of models', new RegExp(`^The vendor of ${ids[0]} does not know gemini-ended;`)],
    );
    const refuse = () => Promise.reject(new Error('API key not valid'));
    await expectOnly(asked(refuse), ['fault', 'names of models', /could not be asked: API key not valid/]);
  });

  it('finds days that should be summed up', async () => {
    await sql(
      `insert into reply_failures (code, refunded, created_at) values ('timed_out', true, now() - interval '3 days')`,
    );
    await expectOnly({}, ['warning', 'sums of usage', /^[23] days are not summed up/]);
    await sql(
      `insert into pollux_jobs.job (name, state, completed_on, data)
       values ('periodic', 'completed', now() - interval '29 minutes', '{"name": "admin/roll-up"}')`,
    );
    await expectOnly({});
    await sql(`delete from pollux_jobs.job where data->>'name' = 'admin/roll-up'`);
    await sql('delete from reply_failures');
    await sql('delete from usage_days');
  });

  it('finds jobs that fail, and a schedule that stands still', async () => {
    const some = `select id from pollux_jobs.job where name = 'periodic' and state = 'completed' order by id limit 1`;
    await sql(`update pollux_jobs.job set completed_on = completed_on - interval '20 minutes' where name = 'periodic'`);
    await expectOnly({}, ['fault', 'background jobs', /10 minutes/]);
    await expectOnly({ isServer: false, config: { ...config, database: { kind: 'embedded', directory: '' } } });
    await sql(`update pollux_jobs.job set completed_on = completed_on + interval '20 minutes' where name = 'periodic'`);
    await sql(
      `update pollux_jobs.job set state = 'retry', retry_count = 7, start_after = now() + interval '1 day' where id in (${some})`,
    );
    const found = await wrong();
    expect(found).toContainEqual(
      expect.objectContaining({ state: 'warning', found: expect.stringContaining('periodic') }),
    );
    await sql(`update pollux_jobs.job set state = 'completed' where state = 'retry'`);
  });

  it('finds an endpoint for events that is missing, disabled, elsewhere, or incomplete', async () => {
    stripe.reset();
    await expectOnly({}, ['fault', 'webhook', /sends no events/]);
    stripe.addEndpoint(webhook, { enabled: false });
    await expectOnly({}, ['fault', 'webhook', /has disabled/]);
    stripe.reset();
    stripe.addEndpoint('https://old.example.com/subscribe/webhook');
    await expectOnly({}, ['warning', 'webhook', /old\.example\.com.*FRONTEND_URL is at chat\.example\.com/]);
    stripe.reset();
    stripe.addEndpoint(webhook, { events: [...relevantEvents].filter((type) => type !== 'invoice.paid') });
    await expectOnly({}, ['warning', 'webhook', /does not send invoice\.paid\./]);
  });

  it('finds a key that Stripe refuses, and prices that it does not know', async () => {
    const settings = { ...config.stripe!, soldPrices: () => [] };
    const stranger = stripePayments({ ...settings, secretKey: 'sk_test_of_somebody_else' });
    await expectOnly(
      { payments: stranger },
      ['fault', 'webhook', /Stripe answered/],
      ['fault', 'prices', /Stripe answered/],
    );
    const other = config.catalog.plans.map((plan, index) =>
      index === 0 ? plan : { ...plan, stripePrices: ['price_gone'] },
    );
    const plans = { ...running.product.parts.plans, all: other as unknown as DoctorDeps['plans']['all'] };
    await expectOnly({ plans }, ['fault', 'prices', /Stripe answered/]);
  });

  it('finds events that wait, and payments of which no event told', async () => {
    await sql(
      `insert into billing_events (event_id, type, customer_id, state, received_at)
       values ('evt_stuck', 'invoice.paid', 'cus_1', 'received', now() - interval '9 minutes')`,
    );
    await expectOnly({});
    await sql(`update billing_events set received_at = now() - interval '11 minutes'`);
    await expectOnly({}, ['fault', 'billing events', /^1 have waited/]);
    await sql(`update billing_events set state = 'applied', received_at = now() - interval '2 days'`);
    await expectOnly({});
    await sql(
      `insert into payments (id, kind, invoice_id, amount, currency, created_at)
       values ('in_unheard', 'paid', 'in_unheard', 999, 'usd', now() - interval '1 hour')`,
    );
    await expectOnly({}, ['fault', 'billing events', /2 days ago\. Something was paid since\./]);
    await sql('delete from billing_events');
    await expectOnly({}, ['fault', 'billing events', /None was ever received/]);
    await sql('delete from payments');
  });

  it('warns of settings that are seldom meant', async () => {
    const warned = async (changes: Partial<Config>) =>
      (await look({ config: { ...config, ...changes } })).filter(({ subject }) => subject === 'settings');
    expect((await warned({})).map(({ found }) => found)).toEqual([
      expect.stringContaining('NODE_ENV'),
      expect.stringContaining('console'),
      expect.stringContaining('test mode'),
    ]);
    expect(await warned({ frontendUrl: null })).toMatchObject([{ state: 'ok' }]);
    expect(await warned({ frontendUrl: null, push: null })).toMatchObject([
      {
        state: 'warning',
        found: expect.stringContaining('push messages are off'),
        advice: expect.stringContaining('VAPID_SUBJECT'),
      },
    ]);
  });

  it('answers administrators over HTTP', async () => {
    const admin = await signIn(running.url);
    await sql(`update users set role = 'admin' where mobile_number = $1`, [admin.number]);
    await vi.waitFor(async () => expect((await admin.call('GET', '/admin/doctor')).status).toBe(200), 10_000);
    const { body } = await admin.call('GET', '/admin/doctor');
    expect(body).toContainEqual({ state: 'ok', subject: 'workers', found: expect.any(String), advice: null });
  });
});

describe.skipIf(!services.postgres || !services.redis)('npm run admin -- doctor', { timeout: 60_000 }, () => {
  it('exits with 1 while no worker is alive, and prints what to do', async () => {
    await using place = await distributedPlace();
    const { code, lines, complaint } = await runAdmin(place.environment, 'doctor');
    expect(complaint).toBe('');
    expect(code).toBe(1);
    expect(lines).toContainEqual(expect.stringMatching(/^ok {6} database: PostgreSQL \d+/));
    expect(lines).toContainEqual(
      expect.stringMatching(/^fault {4}workers: No worker is alive.* Start a worker: npm run start:worker\.$/),
    );
  });

  it('exits with 0 when nothing is wrong', async () => {
    await using place = await distributedPlace();
    await using running = await startProduct(place);
    await letScheduleRun(sqlOf(running));
    expect(await runAdmin(place.environment, 'doctor')).toMatchObject({ code: 0, complaint: '' });
  });
});
