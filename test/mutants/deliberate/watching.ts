/** Deliberate changes to metrics and housekeeping. */
import type { Change } from '../change.ts';

const values = 'test/deploy/metric-values.test.ts';
const tidy = 'test/housekeeping.test.ts';

export const watchingChanges: readonly Change[] = [
  {
    breaks: 'prompt and answer tokens are confused',
    file: 'server/health/metrics.ts',
    find: `tokens.labels('prompt').inc(promptTokens); tokens.labels('answer').inc(answerTokens);`,
    replace: `tokens.labels('prompt').inc(answerTokens); tokens.labels('answer').inc(promptTokens);`,
    test: values,
    named: 'counts tokens by kind, as reported by the model',
  },
  {
    breaks: 'refusals are not counted',
    file: 'server/http/request-log.ts',
    find: `error.code === 'daily_limit_reached'`,
    replace: 'false',
    test: values,
    named: 'counts messages refused by the daily limit, and no other refusals',
  },
  {
    breaks: 'every problem is counted as a refusal',
    file: 'server/http/request-log.ts',
    find: ` && error.code === 'daily_limit_reached'`,
    replace: '',
    test: values,
    named: 'counts messages refused by the daily limit, and no other refusals',
  },
  {
    breaks: 'failed attempts are not counted',
    file: 'server/replies/generate.ts',
    find: 'deps.meter.modelFailed(code);',
    replace: '',
    test: values,
    named: 'counts replies by outcome, and failed attempts by reason',
  },
  {
    breaks: 'housekeeping never runs',
    file: 'server/worker.ts',
    find: 'accountJobs(deps), ',
    replace: '',
    test: tidy,
    named: 'runs housekeeping on schedule',
  },
  {
    breaks: 'Idempotency keys are forgotten after an hour',
    file: 'server/accounts/jobs.ts',
    find: `created_at < now() - interval '24 hours'`,
    replace: `created_at < now() - interval '1 hour'`,
    test: tidy,
    named: 'deletes from',
  },
  {
    breaks: 'tickets are never deleted',
    file: 'server/events/jobs.ts',
    find: 'delete from event_tickets where expires_at < now()',
    replace: 'delete from event_tickets where false',
    test: tidy,
    named: 'deletes from',
  },
  {
    breaks: 'billing events that are not processed yet are deleted',
    file: 'server/subscriptions/jobs.ts',
    find: ` and state <> 'received'`,
    replace: '',
    test: tidy,
    named: 'keeps billing events of any age that are not processed yet',
  },
  {
    breaks: 'a worker is deleted while it holds a reply',
    file: 'server/replies/jobs.ts',
    find: `and not exists (select from replies r where r.worker_id = w.id and r.status = 'generating')`,
    replace: '',
    test: tidy,
    named: "deletes yesterday's workers",
  },
];
