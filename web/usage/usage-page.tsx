/** The user's usage by day: charts, and the same numbers as a table. */
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { lazy, Suspense, useMemo, useState } from 'react';
import type { UsageDay } from '../../contract/usage.ts';
import { readUsageDays } from '../api/account.ts';
import { keys } from '../app/keys.ts';
import { PageHeader } from '../app/page-header.tsx';
import { useText } from '../languages/text.ts';
import { LoadState } from '../ui/load-state.tsx';
import { ChartKey } from './chart-key.tsx';
import { UsageTable } from './usage-table.tsx';

const UsageChart = lazy(async () => ({ default: (await import('./usage-chart.tsx')).UsageChart }));

const periods = [7, 30, 90, 365] as const;

export function UsagePage() {
  const text = useText();
  const [days, setDays] = useState(30);
  const usage = useQuery({
    queryKey: keys.usage(days),
    queryFn: ({ signal }) => readUsageDays(days, signal),
    placeholderData: keepPreviousData,
    staleTime: 0,
  });
  return (
    <>
      <PageHeader title={text('usage')} />
      <div className="flex min-h-0 flex-1 flex-col overflow-y-auto px-4 pb-10">
        <div className="mx-auto grid w-full max-w-[760px] grid-cols-[minmax(0,1fr)] gap-6 pt-3">
          <div className="flex flex-wrap items-center gap-3">
            <label htmlFor="period" className="font-semibold">
              {text('usage.period')}
            </label>
            <select
              id="period"
              value={days}
              onChange={(event) => setDays(Number(event.target.value))}
              className="min-h-10 rounded-xl border border-line bg-raised px-3"
            >
              {periods.map((count) => (
                <option key={count} value={count}>
                  {text('usage.days', { count })}
                </option>
              ))}
            </select>
          </div>
          {usage.data && <Charts days={usage.data} />}
          {usage.data && <UsageTable days={usage.data} />}
          <p className="m-0 text-[14px] text-faint">{text('usage.hint')}</p>
        </div>
        {!usage.data && <LoadState queries={[usage]} />}
      </div>
    </>
  );
}

function Charts({ days }: { readonly days: readonly UsageDay[] }) {
  const text = useText();
  const { dates, messages, tokens } = useMemo(
    () => ({
      dates: days.map(({ date }) => date),
      messages: [{ values: days.map((day) => day.messages), tone: 'ember' as const }],
      tokens: [
        { values: days.map((day) => day.prompt_tokens), tone: 'ember' as const },
        { values: days.map((day) => day.answer_tokens), tone: 'sky' as const },
      ],
    }),
    [days],
  );
  return (
    <>
      <section>
        <h2 className="m-0 mb-2 text-[16px]">{text('usage.messages')}</h2>
        <Suspense fallback={<div className="h-[180px]" />}>
          <UsageChart label={text('usage.chart', { name: text('usage.messages') })} dates={dates} lines={messages} />
        </Suspense>
      </section>
      <section>
        <h2 className="m-0 text-[16px]">{text('usage.tokens')}</h2>
        <ChartKey names={{ ember: text('usage.read'), sky: text('usage.written') }} />
        <Suspense fallback={<div className="h-[180px]" />}>
          <UsageChart label={text('usage.chart', { name: text('usage.tokens') })} dates={dates} lines={tokens} />
        </Suspense>
      </section>
    </>
  );
}
