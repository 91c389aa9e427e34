/** Deliberate changes to charges, refunds and their day. */
import type { Change } from '../change.ts';

export const quotaChanges: readonly Change[] = [
  {
    breaks: 'of several refunds for one day only one is applied',
    file: 'server/plans/store.ts',
    find: 'set used = usage.used - returned.count',
    replace: 'set used = usage.used - 1',
    test: 'test/replies/rescue.test.ts',
    named: 'queued replies past their deadline fail while the model is paused',
  },
  {
    breaks: "the day begins at midnight of the database's time zone",
    file: 'server/migrations/0000_clock.sql',
    find: `(pollux_now() at time zone 'utc')::date`,
    replace: 'pollux_now()::date',
    test: 'test/quotas/time-zone.test.ts',
    named: 'charges, resets and counts by the UTC day',
    postgres: true,
  },
  {
    breaks: "the day ends at midnight of the database's time zone",
    file: 'server/plans/store.ts',
    find: `((pollux_today() + 1)::timestamp at time zone 'utc')`,
    replace: '((pollux_today() + 1)::timestamptz)',
    test: 'test/quotas/time-zone.test.ts',
    named: 'charges, resets and counts by the UTC day',
    postgres: true,
  },
  {
    breaks: 'concurrent messages exceed the limit',
    file: 'server/plans/store.ts',
    find: "where ${below('usage.used')}",
    replace: `where \${below('(select used from daily_usage u where u.user_id = excluded.user_id and u.day = excluded.day)')}`,
    test: 'test/quotas/daily-limit.test.ts',
    named: 'parallel posts',
    postgres: true,
  },
  {
    breaks: 'a refund is applied to the current day',
    file: 'server/plans/store.ts',
    find: 'usage.day = returned.day',
    replace: 'usage.day = pollux_today()',
    test: 'test/quotas/refunds.test.ts',
    named: 'apply to the day of the charge, never to another',
  },
  {
    breaks: 'Pro has a limit too',
    file: 'server/plans/store.ts',
    find: `case when limits.daily = 'null' then true else \${used} < coalesce(limits.daily::int, 0) end`,
    replace: `\${used} < coalesce((limits.daily #>> '{}')::int, 0)`,
    test: 'test/quotas/daily-limit.test.ts',
    named: 'does not apply to Pro',
  },
];
