/** The parts of the product, with any adapters. */
import type { FastifyInstance } from 'fastify';
import type { Logger } from 'pino';
import type { Catalog, Plans } from './config/catalog.ts';
import type { Metrics } from './health/metrics.ts';
import type { ReadOutcomes } from './health/readiness.ts';
import type { OpenJobs } from './jobs/open.ts';
import type { Models } from './models/models.ts';
import type { Cache } from './ports/cache.ts';
import type { Database } from './ports/database.ts';
import type { Feed } from './ports/feed.ts';
import type { Limits } from './ports/limits.ts';
import type { Payments } from './ports/payments.ts';
import type { Presence } from './ports/presence.ts';
import type { Push } from './ports/push.ts';
import type { RedisFacts } from './ports/redis-facts.ts';
import type { Sms } from './ports/sms.ts';
import type { Storage } from './ports/storage.ts';
import type { Tracing } from './ports/tracing.ts';
import type { WakeUps } from './ports/wake-ups.ts';
import type { Worker } from './worker.ts';

/** The parts of the product; tests may override any. */
export interface Parts {
  readonly db: Database;
  readonly wakeUps: WakeUps;
  readonly jobs: OpenJobs;
  readonly feed: Feed;
  readonly cache: Cache;
  readonly storage: Storage;
  readonly limits: Limits;
  /** Null without Redis. */
  readonly readRedis: (() => Promise<RedisFacts>) | null;
  readonly catalog: Catalog;
  readonly plans: Plans;
  readonly models: Models;
  readonly sms: Sms;
  /** Null while billing is not configured. */
  readonly payments: Payments | null;
  /** Null while push messages are off. */
  readonly push: Push | null;
  readonly presence: Presence;
}

export interface Product {
  readonly parts: Parts;
  /** The API; null for a worker. */
  readonly app: FastifyInstance | null;
  /** Health and metrics on a separate port; null without HEALTH_PORT. */
  readonly operatorApp: FastifyInstance | null;
  /** Null in the role `api`. */
  readonly worker: Worker | null;
  /** Stops accepting, drains for `graceMs`, releases the rest, and closes everything. */
  close(graceMs: number): Promise<void>;
}

/** Monitoring of the running product. */
export interface Watch {
  readonly metrics: Metrics;
  readonly readOutcomes: ReadOutcomes;
  readonly tracing: Tracing;
  readonly log: Logger;
}
