/** What Prometheus can ask about this process, and about the queue that all processes share. */
import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';
import { readBacklog } from './replies/backlog-store.ts';
import type { RequestMeter } from './http/request-log.ts';
import type { Database } from './ports/database.ts';
import type { FeedMemory } from './ports/feed.ts';
import type { ReplyMeter } from './replies/meter.ts';

export interface Metrics extends RequestMeter {
  /** The text exposition format. */
  read(): Promise<string>;
  readonly contentType: string;
  readonly replies: ReplyMeter;
  requestShed(): void;
  /** Reads a number when asked. */
  watch(name: 'pollux_feed_clients' | 'pollux_replies_active', read: () => number): void;
  /** Reads the memory of the live feeds when asked. */
  watchFeedMemory(read: () => Promise<FeedMemory>): void;
}

const requestBuckets = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];
const replyBuckets = [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20, 40, 80, 160, 320];
/** Scrapes that come together share one look at the queue. */
const backlogFreshMs = 1000;

const watched = {
  pollux_feed_clients: 'Open live connections of this process.',
  pollux_replies_active: 'Replies this process is generating.',
} as const;

export function createMetrics(db: Database): Metrics {
  const registry = new Registry();
  const registers = [registry];
  collectDefaultMetrics({ register: registry });

  const requests = new Histogram({
    name: 'pollux_http_request_seconds',
    help: 'Time to answer, by route and status.',
    labelNames: ['method', 'route', 'status'],
    buckets: requestBuckets,
    registers,
  });
  const refusals = new Counter({
    name: 'pollux_quota_refusals_total',
    help: 'Messages refused because the day was used up.',
    registers,
  });
  const shed = new Counter({
    name: 'pollux_requests_shed_total',
    help: 'Requests refused because the process was overloaded.',
    registers,
  });
  registerBacklog(registers, db);

  return {
    read: () => registry.metrics(),
    contentType: registry.contentType,
    replies: replyMeter(registers),
    request: (method, route, status, seconds) => requests.labels(method, route, String(status)).observe(seconds),
    quotaRefused: () => refusals.inc(),
    requestShed: () => shed.inc(),
    watch(name, read) {
      new Gauge({
        name,
        help: watched[name],
        registers,
        collect() {
          this.set(read());
        },
      });
    },
    watchFeedMemory: (read) => registerFeedMemory(registers, read),
  };
}

function registerFeedMemory(registers: Registry[], read: () => Promise<FeedMemory>): void {
  const gauge = (name: string, help: string, pick: (memory: FeedMemory) => number | null) =>
    new Gauge({
      name,
      help,
      registers,
      async collect() {
        const bytes = await read().then(pick, () => null);
        // No figure is better than an old one, or than the zero that a reset would set.
        if (bytes === null) this.remove();
        else this.set(bytes);
      },
    });
  gauge(
    'pollux_feed_memory_bytes',
    'Memory used where live feeds are kept: all of Redis.',
    (memory) => memory.usedBytes,
  );
  gauge('pollux_feed_memory_limit_bytes', 'What may be used of it: maxmemory of Redis.', (memory) => memory.limitBytes);
}

function replyMeter(registers: Registry[]): ReplyMeter {
  const settled = new Counter({
    name: 'pollux_replies_total',
    help: 'Attempts at replies, by how they left this worker.',
    labelNames: ['outcome'],
    registers,
  });
  const firstToken = new Histogram({
    name: 'pollux_reply_first_token_seconds',
    help: 'From claiming a reply to its first text.',
    buckets: replyBuckets,
    registers,
  });
  const duration = new Histogram({
    name: 'pollux_reply_seconds',
    help: 'From claiming a reply to its outcome.',
    buckets: replyBuckets,
    registers,
  });
  const tokens = new Counter({
    name: 'pollux_model_tokens_total',
    help: 'Tokens as the model counts them.',
    labelNames: ['kind'],
    registers,
  });
  const errors = new Counter({
    name: 'pollux_model_errors_total',
    help: 'Failed attempts, by reason.',
    labelNames: ['code'],
    registers,
  });
  return {
    firstToken: (seconds) => firstToken.observe(seconds),
    settled(outcome, seconds) {
      settled.labels(outcome).inc();
      duration.observe(seconds);
    },
    tokens(prompt, answer) {
      tokens.labels('prompt').inc(prompt);
      tokens.labels('answer').inc(answer);
    },
    modelFailed: (code) => errors.labels(code).inc(),
  };
}

/** The queue is the same for every process: each reports it, and dashboards take the maximum. */
function registerBacklog(registers: Registry[], db: Database): void {
  let latest: ReturnType<typeof readBacklog> | null = null;
  let readAt = 0;
  const backlog = () => {
    if (latest === null || Date.now() - readAt > backlogFreshMs) {
      latest = readBacklog(db);
      readAt = Date.now();
    }
    return latest;
  };
  const gauge = (name: string, help: string, pick: (row: Awaited<ReturnType<typeof readBacklog>>) => number) =>
    new Gauge({
      name,
      help,
      registers,
      async collect() {
        try {
          this.set(pick(await backlog()));
        } catch {
          // No figure is better than an old one, or than the zero that a reset would set.
          this.remove();
        }
      },
    });
  gauge('pollux_queue_depth', 'Replies that are due and wait for a worker.', (row) => row.depth);
  gauge(
    'pollux_queue_oldest_seconds',
    'How long the longest waiting of them has been due.',
    (row) => row.oldestSeconds,
  );
  gauge('pollux_workers_alive', 'Workers whose heartbeat is fresh.', (row) => row.workersAlive);
}
