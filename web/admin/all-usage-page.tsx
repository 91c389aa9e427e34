/** What is used, costs and earns: by day as charts, and by day, model or plan as a table and as CSV. */
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import type { AdminUsage } from '../../contract/admin-usage.ts';
import { readAllUsage, type UsageGroup } from '../api/admin.ts';
import { useText } from '../languages/text.ts';
import { Button } from '../ui/button.tsx';
import { LoadState } from '../ui/load-state.tsx';
import { saveAsCsv } from './save-as-csv.ts';
import { Table } from './table.tsx';
import { UsageCharts } from './usage-charts.tsx';
import { columns, tableOf } from './usage-columns.ts';

const periods = [7, 30, 90] as const;
const groups = ['day', 'model', 'plan'] as const;
const dayMs = 86_400_000;
const selectStyle = 'min-h-10 rounded-xl border border-line bg-raised px-3';

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
        <Button disabled={rows.length === 0} onClick={() => saveAsCsv(`usage-by-${by}.csv`, tableOf(by, rows))}>
          {text('admin.csv')}
        </Button>
      </div>
      {!usage.data && <LoadState queries={[usage]} />}
      {usage.data?.by === 'day' && <UsageCharts rows={rows} />}
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
            ...columns.map(([, cell]) => cell(row)),
          ]}
        />
      )}
    </>
  );
}
