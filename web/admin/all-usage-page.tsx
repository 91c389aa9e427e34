/** What is used and what it costs: by day as charts, and by day, model or plan as a table and as CSV. */
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { lazy, Suspense, useMemo, useState } from 'react';
import type { AdminUsage } from '../../contract/admin-usage.ts';
import { readAllUsage, type UsageGroup } from '../api/admin.ts';
import { locale, useText } from '../languages/text.ts';
import { Button } from '../ui/button.tsx';
import { LoadState } from '../ui/load-state.tsx';
import { ChartKey } from '../usage/chart-key.tsx';
import { saveAsCsv } from './save-as-csv.ts';
import { Table } from './table.tsx';

const UsageChart = lazy(async () => ({ default: (await import('../usage/usage-chart.tsx')).UsageChart }));

const periods = [7, 30, 90] as const;
const groups = ['day', 'model', 'plan'] as const;
const dayMs = 86_400_000;
const selectStyle = 'min-h-10 rounded-xl border border-line bg-raised px-3';

/** The numbers of a row, in the order of the table. */
const columns = [
  ['admin.cost', 'cost_usd'],
  ['usage.messages', 'messages'],
  ['admin.accounts', 'active_accounts'],
  ['admin.calls', 'calls'],
  ['usage.read', 'prompt_tokens'],
  ['usage.written', 'answer_tokens'],
  ['admin.failed-replies', 'failures'],
  ['admin.refunds', 'refunds'],
] as const;

export function AllUsagePage() {
  const text = useText();
  const [days, setDays] = useState(30);
  const [by, setBy] = useState<UsageGroup>('day');
  const from = new Date(Date.now() - (days - 1) * dayMs).toISOString().slice(0, 10);
  const usage = useQuery({
    queryKey: ['admin', 'usage', by, from],
    queryFn: async ({ signal }) => ({ by, rows: await readAllUsage(by, from, signal) }),
    placeholderData: keepPreviousData,
    staleTime: 0,
  });
  const heads = [text(`group.${by}`), ...columns.map(([id]) => text(id))];
  const rows = usage.data?.rows ?? [];

  return (
    <>
      <div className="flex flex-wrap gap-2">
        <select
          aria-label={text('usage.period')}
          value={days}
          onChange={(event) => setDays(Number(event.target.value))}
          className={selectStyle}
        >
          {periods.map((count) => (
            <option key={count} value={count}>
              {text('usage.days', { count })}
            </option>
          ))}
        </select>
        <select
          aria-label={text('admin.rows')}
          value={by}
          onChange={(event) => setBy(event.target.value as UsageGroup)}
          className={selectStyle}
        >
          {groups.map((group) => (
            <option key={group} value={group}>
              {text(`group.${group}`)}
            </option>
          ))}
        </select>
        <Button
          disabled={rows.length === 0}
          onClick={() =>
            saveAsCsv(`usage-by-${by}.csv`, [
              [by, ...columns.map(([, name]) => name)],
              ...rows.map((row) => [row.key, ...columns.map(([, name]) => row[name])]),
            ])
          }
        >
          {text('admin.csv')}
        </Button>
      </div>
      {!usage.data && <LoadState queries={[usage]} />}
      {usage.data?.by === 'day' && <Charts rows={rows} />}
      {usage.data && (
        <Table<AdminUsage>
          label={text('admin.usage')}
          heads={heads}
          items={usage.data.by === 'day' ? rows.toReversed() : rows}
          keyOf={({ key }) => key}
          cellsOf={(row) => [
            <bdi key="key" className="whitespace-nowrap">
              {row.key}
            </bdi>,
            ...columns.map(([, name]) => (name === 'cost_usd' ? dollars(row[name]) : numberText(row[name]))),
          ]}
        />
      )}
    </>
  );
}

function Charts({ rows }: { readonly rows: readonly AdminUsage[] }) {
  const text = useText();
  const { dates, cost, messages } = useMemo(
    () => ({
      dates: rows.map(({ key }) => key),
      cost: [{ values: rows.map((row) => row.cost_usd), tone: 'ember' as const }],
      messages: [
        { values: rows.map((row) => row.messages), tone: 'ember' as const },
        { values: rows.map((row) => row.failures), tone: 'sky' as const },
      ],
    }),
    [rows],
  );
  const total = rows.reduce((sum, row) => sum + row.cost_usd, 0);
  const room = <div className="h-[180px]" />;
  return (
    <div className="grid grid-cols-[minmax(0,1fr)] gap-6 lg:grid-cols-2">
      <section>
        <h2 className="m-0 mb-2 text-[16px]">
          {text('admin.cost')} · {dollars(total)}
        </h2>
        <Suspense fallback={room}>
          <UsageChart label={text('usage.chart', { name: text('admin.cost') })} dates={dates} lines={cost} unit="usd" />
        </Suspense>
      </section>
      <section>
        <h2 className="m-0 text-[16px]">{text('usage.messages')}</h2>
        <ChartKey names={{ ember: text('usage.messages'), sky: text('admin.failed-replies') }} />
        <Suspense fallback={room}>
          <UsageChart label={text('usage.chart', { name: text('usage.messages') })} dates={dates} lines={messages} />
        </Suspense>
      </section>
    </div>
  );
}

function numberText(value: number): string {
  return new Intl.NumberFormat(locale()).format(value);
}

function dollars(value: number): string {
  const style = { style: 'currency', currency: 'USD', currencyDisplay: 'narrowSymbol' } as const;
  return new Intl.NumberFormat(locale(), { ...style, maximumFractionDigits: 4 }).format(value);
}
