/** The composition root: the only file that knows the adapters and which of them run. */
import type { FastifyInstance } from 'fastify';
import type { Logger } from 'pino';
import { openLinks } from './adapters/links.ts';
import type { BackupParts } from './admin/command.ts';
import { examine } from './admin/doctor/examine.ts';
import { byteRoom, mostFileBytes, type ByteRoom } from './adapters/model/byte-room.ts';
import { accessTokens } from './accounts/access-token.ts';
import { codeDelivery } from './accounts/code-delivery.ts';
import { deriveKeys, type Keys } from './accounts/keys.ts';
import { watchSessions } from './accounts/live-sessions.ts';
import { securityLog } from './accounts/security-log.ts';
import { checksOf } from './health/checks.ts';
import type { Catalog, ModelEntry } from './config/catalog.ts';
import type { Config } from './config/config.ts';
import { inDataFolder, protectDataFolder } from './config/data-folder.ts';
import { developmentSecret, replaceDevelopmentSecret } from './config/development-secret.ts';
import { liveConnections } from './events/connections.ts';
import { openJobs } from './jobs/open.ts';
import type { Parts, Product, Watch } from './parts.ts';
import type { Models } from './models/models.ts';
import { modelOpener } from './models/open-models.ts';
import { openOffer } from './offer.ts';
import type { Database } from './ports/database.ts';
import type { Model } from './ports/model.ts';
import type { Payments } from './ports/payments.ts';
import type { Sms } from './ports/sms.ts';
import type { Storage } from './ports/storage.ts';
import { noTracing, type Tracing } from './ports/tracing.ts';
import { createMetrics } from './health/metrics.ts';
import { readBacklog } from './replies/backlog-store.ts';
import { sweepOverdue } from './replies/rescue.ts';
import { sample } from './health/sample.ts';
import { watchServiceCost } from './health/service-cost.ts';
import { returnPage } from './http/own-url.ts';
import { readiness } from './health/readiness.ts';
import { version } from './config/version.ts';
import { startWorker, type Worker } from './worker.ts';

/** Builds the product for a configuration. The caller makes `app` listen, and closes the product. */
export async function compose(config: Config, log: Logger, overrides: Partial<Parts> = {}): Promise<Product> {
  await using opened = new AsyncDisposableStack();
  const metrics = createMetrics();
  const parts = await openParts(config, { log, metrics }, overrides, opened);
  const watch: Watch = {
    metrics,
    readOutcomes: readiness(checksOf({ ...config, ...parts }), log),
    tracing: opened.use(await openTracing(config)),
    log,
  };
  const operatorApp = await openOperatorApp(config, watch);
  const app = config.role === 'worker' ? null : await openApp(config, parts, watch, opened);
  if (app !== null || operatorApp !== null)
    watch.metrics.watchBacklog(opened.use(sample(() => readBacklog(parts.db, parts.plans))).latest);
  const worker = config.role === 'api' ? null : await openWorker(config, parts, watch);
  if (worker === null) opened.use(sweepOverdue({ ...config, ...parts, log }));
  const resources = opened.move();
  return {
    parts,
    app,
    operatorApp,
    worker,
    async close(graceMs) {
      // Open requests and keep-alive connections would delay the close.
      const cut = setTimeout(() => app?.server.closeAllConnections(), graceMs);
      await Promise.all([app?.close(), worker?.stop(graceMs)]);
      clearTimeout(cut);
      await operatorApp?.close();
      await resources.disposeAsync();
    },
  };
}

export async function openBackups(config: Config, storage: Storage, log: Logger): Promise<BackupParts> {
  const { database, dataDir, secretKeys } = config;
  return {
    folder: config.storage.kind === 'folder' ? storage : null,
    secret: secretKeys === null ? await inDataFolder(dataDir, () => developmentSecret(dataDir)) : null,
    keepSecret: (secret) => secretKeys === null && replaceDevelopmentSecret(dataDir, secret),
    async alone() {
      // The folder belongs to this process already.
      if (database.kind === 'embedded') return new AsyncDisposableStack();
      const { announcePresence } = await import('./adapters/database/postgres-presence.ts');
      const { ownAddress } = await import('./adapters/database/postgres-client.ts');
      return announcePresence(ownAddress(database.url, database.directUrl), 'copying', log);
    },
  };
}

async function openParts(
  config: Config,
  { log, metrics }: Pick<Watch, 'log' | 'metrics'>,
  overrides: Partial<Parts>,
  opened: AsyncDisposableStack,
): Promise<Parts> {
  const keep = async <T extends AsyncDisposable>(given: T | undefined, open: () => Promise<T>): Promise<T> =>
    given ?? opened.use(await open());
  const links = await openLinks(config.redis, log, opened);
  const db = await keep(overrides.db, () => openDatabase(config, log, opened));
  const wakeUps = await keep(overrides.wakeUps, links.wakeUps);
  const room = byteRoom(mostFileBytes);
  const adapterOf = (entry: ModelEntry) => modelAdapter(config, entry, room);
  const offer = opened.use(await openOffer(config, { db, log, metrics, adapterOf, models: overrides.models }));
  return {
    db,
    wakeUps,
    jobs: overrides.jobs ?? openJobs({ db, wakeUps, log }, config.role !== 'api'),
    feed: await keep(overrides.feed, links.feed),
    cache: await keep(overrides.cache, links.cache),
    storage: await keep(overrides.storage, () => openStorage(config)),
    limits: await keep(overrides.limits, links.limits),
    readRedis: overrides.readRedis ?? links.readRedis,
    presence: await keep(overrides.presence, links.presence),
    models: offer.models,
    catalog: offer.catalog,
    plans: overrides.plans ?? offer.plans,
    sms: overrides.sms ?? (await openSms(config)),
    payments: overrides.payments ?? (await openPayments(config, offer.catalog)),
    push: overrides.push ?? (config.push && (await import('./adapters/push/web-push.ts')).webPush(config.push)),
  };
}

// Adapters and the HTTP server are imported where they are chosen, which saves time and memory in processes without them.

async function openDatabase(config: Config, log: Logger, opened: AsyncDisposableStack): Promise<Database> {
  if (config.database.kind === 'postgres') {
    const { announcePresence } = await import('./adapters/database/postgres-presence.ts');
    const { ownAddress } = await import('./adapters/database/postgres-client.ts');
    const own = ownAddress(config.database.url, config.database.directUrl);
    opened.use(await announcePresence(own, config.redis === null ? 'alone' : 'shared', log));
  }
  return openDatabaseAlone(config, log);
}

export async function openDatabaseAlone({ database, dataDir, webConcurrency }: Config, log: Logger): Promise<Database> {
  if (database.kind === 'embedded') {
    const { openPglite } = await import('./adapters/database/pglite.ts');
    return inDataFolder(dataDir, () => {
      protectDataFolder(dataDir);
      return openPglite(database.directory);
    });
  }
  const { openPostgres } = await import('./adapters/database/postgres.ts');
  return openPostgres({ ...database, processes: webConcurrency, log });
}

export async function openCopyTo(config: Config, url: string, log: Logger): Promise<Database> {
  return (await import('./adapters/database/copy-target.ts')).openCopyTarget(config, url, log);
}

export async function openStorage({ storage }: Config): Promise<Storage> {
  if (storage.kind === 's3') return (await import('./adapters/storage/s3.ts')).s3Storage(storage);
  return (await import('./adapters/storage/folder.ts')).folderStorage(storage.directory);
}

/** Thinking models may be slow to send the first chunk, but not between chunks. */
const firstByteTimeoutMs = 60_000;
const idleTimeoutMs = 30_000;

/** What opens a model under a name of its vendor. */
async function modelAdapter(
  { gemini, replyTimeoutMs }: Config,
  entry: ModelEntry,
  room: ByteRoom,
): Promise<(name: string) => Model> {
  const { id, provider, server, contextTokens, maxAnswerTokens, thinkingLevel } = entry;
  const shared = {
    id,
    contextTokens,
    firstByteTimeoutMs: Math.min(firstByteTimeoutMs, replyTimeoutMs),
    idleTimeoutMs: Math.min(idleTimeoutMs, replyTimeoutMs),
    maxOutputTokens: maxAnswerTokens,
    files: { takes: entry.takes, room },
  };
  if (provider === 'demo') {
    const { demoModel } = await import('./adapters/model/demo.ts');
    return () => demoModel(shared);
  }
  if (server !== null) {
    const { openAiModel } = await import('./adapters/model/openai.ts');
    return (model) => openAiModel({ ...shared, ...server, model });
  }
  const { geminiModel } = await import('./adapters/model/gemini.ts');
  return (model) => geminiModel({ ...shared, ...gemini!, thinkingLevel, model });
}

/** The models of a catalog for a command, which asks no questions. */
export function openModels(config: Config, catalog: Catalog, log: Logger): Promise<Models> {
  const room = byteRoom(mostFileBytes);
  return modelOpener({ log, namesGone: () => () => {}, adapterOf: (entry) => modelAdapter(config, entry, room) })(
    catalog,
  );
}

async function openSms({ sms }: Config): Promise<Sms> {
  if (sms.kind === 'twilio') {
    const { twilioSms } = await import('./adapters/sms/twilio.ts');
    return twilioSms(sms);
  }
  return (await import('./adapters/sms/console.ts')).consoleSms();
}

export async function openPayments({ stripe }: Config, catalog: Pick<Catalog, 'plans'>): Promise<Payments | null> {
  if (stripe === null) return null;
  const { stripePayments } = await import('./adapters/payments/stripe.ts');
  return stripePayments({ ...stripe, soldPrices: () => catalog.plans.flatMap(({ stripePrices }) => stripePrices) });
}

async function openTracing({ traceServiceName, role }: Config): Promise<Tracing> {
  if (traceServiceName === null) return noTracing;
  const { otlpTracing } = await import('./adapters/tracing/otlp.ts');
  return otlpTracing({ name: traceServiceName, version, role });
}

async function openOperatorApp({ healthPort }: Config, watch: Watch): Promise<FastifyInstance | null> {
  if (healthPort === null) return null;
  const { buildOperatorHttp } = await import('./health/server.ts');
  return buildOperatorHttp(watch);
}

async function openApp(
  config: Config,
  parts: Parts,
  watch: Watch,
  opened: AsyncDisposableStack,
): Promise<FastifyInstance> {
  const { buildHttp } = await import('./api.ts');
  const { log, metrics } = watch;
  const keys = await openKeys(config);
  const liveSessions = opened.use(await watchSessions(parts.db, log));
  const connections = liveConnections(parts.feed, liveSessions);
  metrics.watch('pollux_feed_clients', () => connections.size);
  metrics.watchFeedMemory(opened.use(sample(() => parts.feed.memory())).latest);
  return buildHttp({
    ...config,
    ...parts,
    ...watch,
    config,
    version,
    keys,
    liveSessions,
    tokens: accessTokens({ keys: keys.tokens, algorithm: config.algorithm, lifeSeconds: config.accessTokenSeconds }),
    connections,
    security: securityLog(log, keys),
    delivery: opened.use(codeDelivery({ ...config, ...parts, keys, log, meter: metrics.codes })),
    codeMeter: metrics.codes,
    budgetMeter: metrics,
    strictNumbers: config.sms.kind !== 'console',
    unfinishedAtMost: config.unfinishedRepliesAtMost,
    serviceSpent: opened.use(watchServiceCost(config.serviceDailyCostMicros, parts.db, metrics)).isSpent,
    returnUrl: returnPage(config),
    examine: () =>
      examine({
        config: { ...config, catalog: parts.catalog },
        ...parts,
        openModels: async () => parts.models,
        isServer: true,
      }),
  });
}

export async function openKeys({ secretKeys, dataDir }: Config): Promise<Keys> {
  return deriveKeys(secretKeys ?? [await inDataFolder(dataDir, () => developmentSecret(dataDir))]);
}

/** Longer than a restart or failover of the database. */
const writeWindowMs = 60_000;

async function openWorker(config: Config, parts: Parts, { metrics, tracing, log }: Watch): Promise<Worker> {
  const worker = await startWorker(
    {
      ...config,
      ...parts,
      log,
      tracing,
      security: securityLog(log, await openKeys(config)),
      meter: metrics.replies,
      isOnlyProcess: config.database.kind === 'embedded' || config.redis === null,
    },
    { concurrency: config.workerConcurrency, replyTimeoutMs: config.replyTimeoutMs, writeWindowMs },
  );
  metrics.watch('pollux_replies_active', worker.activeReplies);
  return worker;
}
