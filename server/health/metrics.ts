/** Prometheus metrics of this process and of the shared queue. */
import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';
import type { CodeMeter } from '../accounts/code-delivery.ts';
import type { Backlog } from '../replies/backlog-store.ts';
import type { RequestMeter } from '../http/request-log.ts';
import type { BudgetMeter } from '../plans/quota.ts';
import type { Offered } from './offer-metrics.ts';
import { watchOffer } from './offer-metrics.ts';
import type { FeedMemory } from '../ports/feed.ts';
import type { NamesMeter } from '../models/watch-names.ts';
import type { ReplyMeter } from '../replies/meter.ts';

export interface Metrics extends RequestMeter, NamesMeter, BudgetMeter {
  /** Reads prices and plans on offer at scrape time. */
  watchOffer(offered: Offered): void;
  /** The metrics in the text exposition format. */
  read(): Promise<string>;
  readonly contentType: string;
  readonly replies: ReplyMeter;
  readonly codes: CodeMeter;
  requestShed(): void;
  /** Counts, each time it is called, that the vendor no longer knows a name of this model and the next one is tried. */
  namesGone(model: string): () => void;
  /** A gauge read at scrape time. */
  watch(name: keyof typeof watched, read: () => number): void;
  /** The last sample of the queue; null if it is stale. */
  watchBacklog(latest: () => Backlog | null): void;
  /** The last sample of the memory of live feeds; null if it is stale. */
  watchFeedMemory(latest: () => FeedMemory | null): void;
}

const requestBuckets = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];
const replyBuckets = [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20, 40, 80, 160, 320];

const watched = {
  pollux_feed_clients: 'Open live connections of this process.',
  pollux_replies_active: 'Replies this process is generating.',
  pollux_service_cost_dollars: 'Cost of all calls to models in this UTC day, in US dollars.',
  pollux_service_cost_limit_dollars: 'What they may cost in a UTC day.',
  pollux_catalog_behind: '1 while this process cannot use the catalog in force, and keeps an earlier one.',
} as const;

/** `read` fetches nothing, so scrapes work while database or Redis are unavailable. */
export function createMetrics(): Metrics {
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
  const budgetRefusals = new Counter({
    name: 'pollux_budget_refusals_total',
    help: 'Messages refused because the monthly cost of the plan was reached.',
    registers,
  });
  const nearBudget = new Counter({
    name: 'pollux_messages_near_budget_total',
    help: 'Messages of accounts that have used 80 % of the monthly cost of their plan.',
    labelNames: ['plan'],
    registers,
  });
  const shed = new Counter({
    name: 'pollux_requests_shed_total',
    help: 'Requests refused because the process was overloaded.',
    registers,
  });

  const namesGone = new Counter({
    name: 'pollux_model_names_gone_total',
    help: 'Calls that went on to the next name of a model, because the vendor no longer knew one.',
    labelNames: ['model'],
    registers,
  });

  const namesUnknown = new Gauge({
    name: 'pollux_model_names_unknown',
    help: 'Names of a model that its vendor does not know, by the last check.',
    labelNames: ['model'],
    registers,
  });

  return {
    read: () => registry.metrics(),
    contentType: registry.contentType,
    replies: replyMeter(registers),
    codes: codeMeter(registers),
    request: (method, route, status, seconds) => requests.labels(method, route, String(status)).observe(seconds),
    quotaRefused: () => refusals.inc(),
    budgetRefused: () => budgetRefusals.inc(),
    nearBudget: (plan) => nearBudget.labels(plan).inc(),
    watchOffer: (offered) => watchOffer(registers, offered, (plan) => nearBudget.labels(plan).inc(0)),
    requestShed: () => shed.inc(),
    namesGone(model) {
      const gone = namesGone.labels(model);
      // An increase is only seen from a value that was there before.
      gone.inc(0);
      return () => gone.inc();
    },
    namesUnknown: (model, count) => namesUnknown.labels(model).set(count),
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
    watchBacklog: (latest) => registerBacklog(registers, latest),
    watchFeedMemory: (latest) => registerFeedMemory(registers, latest),
  };
}

function codeMeter(registers: Registry[]): CodeMeter {
  const sms = new Counter({
    name: 'pollux_code_sms_total',
    help: 'SMS with a one-time code, by country of the number and outcome.',
    labelNames: ['country', 'outcome'],
    registers,
  });
  const verified = new Counter({
    name: 'pollux_codes_verified_total',
    help: 'Codes that signed somebody in, by country of the number.',
    labelNames: ['country'],
    registers,
  });
  return {
    sms: (country, outcome) => sms.labels(country, outcome).inc(),
    verified: (country) => verified.labels(country).inc(),
  };
}

/** Registers gauges of sampled values. */
function sampledGauges<T>(registers: Registry[], latest: () => T | null) {
  return (name: string, help: string, pick: (sampled: T) => number | null) =>
    new Gauge({
      name,
      help,
      registers,
      collect() {
        const sampled = latest();
        const value = sampled === null ? null : pick(sampled);
        // A stale sample is left out: the zero set by a reset would be wrong.
        if (value === null) this.remove();
        else this.set(value);
      },
    });
}

function registerFeedMemory(registers: Registry[], latest: () => FeedMemory | null): void {
  const gauge = sampledGauges(registers, latest);
  gauge('pollux_feed_memory_bytes', 'Memory used where live feeds are kept: all of Redis.', (one) => one.usedBytes);
  gauge('pollux_feed_memory_limit_bytes', 'What may be used of it: maxmemory of Redis.', (one) => one.limitBytes);
}

/** Every process reports the shared queue; dashboards take the maximum. */
function registerBacklog(registers: Registry[], latest: () => Backlog | null): void {
  const gauge = sampledGauges(registers, latest);
  gauge('pollux_queue_depth', 'Replies that are due and wait for a worker.', (row) => row.depth);
  gauge(
    'pollux_queue_oldest_seconds',
    'How long the longest waiting of them has been due.',
    (row) => row.oldestSeconds,
  );
  gauge('pollux_workers_alive', 'Workers whose heartbeat is fresh.', (row) => row.workersAlive);
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
  const cost = new Counter({
    name: 'pollux_model_cost_dollars_total',
    help: 'Cost of calls in US dollars, by model; estimated where the vendor told no tokens.',
    labelNames: ['model', 'estimated'],
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
    called({ model, promptTokens, answerTokens, costMicros, isEstimate }) {
      tokens.labels('prompt').inc(promptTokens);
      tokens.labels('answer').inc(answerTokens);
      cost.labels(model, String(isEstimate)).inc(costMicros / 1_000_000);
    },
    modelFailed: (code) => errors.labels(code).inc(),
  };
}
