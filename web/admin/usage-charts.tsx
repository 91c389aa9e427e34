/** Usage by day as charts: cost, revenue where something is sold, messages and failures. */
import { lazy, Suspense, useMemo } from 'react';
import type { AdminUsage } from '../../contract/admin-usage.ts';
import { useText } from '../languages/text.ts';
import { amountText } from '../plans/price.ts';
import { ChartKey } from '../usage/chart-key.tsx';
import { dollars, netOf } from './money.ts';

const UsageChart = lazy(async () => ({ default: (await import('../usage/usage-chart.tsx')).UsageChart }));

export function UsageCharts({ rows }: { readonly rows: readonly AdminUsage[] }) {
  const text = useText();
  const { dates, cost, messages, revenue } = useMemo(
    () => ({
      dates: rows.map(({ key }) => key),
      cost: [{ values: rows.map((row) => row.cost_usd), tone: 'ember' as const }],
      messages: [
        { values: rows.map((row) => row.messages), tone: 'ember' as const },
        { values: rows.map((row) => row.failures), tone: 'sky' as const },
      ],
      revenue: byCurrency(rows),
    }),
    [rows],
  );
  const total = rows.reduce((sum, row) => sum + row.cost_usd, 0);
  const chart = (name: string, lines: typeof messages | typeof cost, unit?: 'usd') => (
    <Suspense fallback={<div className="h-[180px]" />}>
      <UsageChart label={text('usage.chart', { name })} dates={dates} lines={lines} unit={unit ?? 'count'} />
    </Suspense>
  );
  return (
    <div className="grid grid-cols-[minmax(0,1fr)] gap-6 lg:grid-cols-2">
      <section>
        <h2 className="m-0 mb-2 text-[16px]">
          {text('admin.cost')} · {dollars(total)}
        </h2>
        {chart(text('admin.cost'), cost, 'usd')}
      </section>
      {revenue.map(({ currency, net, values }) => (
        <section key={currency}>
          <h2 className="m-0 mb-2 text-[16px]">
            {text('admin.revenue')} · {amountText({ amount: net, currency })}
          </h2>
          {chart(text('admin.revenue'), [{ values, tone: 'ember' }], 'usd')}
        </section>
      ))}
      <section>
        <h2 className="m-0 text-[16px]">{text('usage.messages')}</h2>
        <ChartKey names={{ ember: text('usage.messages'), sky: text('admin.failed-replies') }} />
        {chart(text('usage.messages'), messages)}
      </section>
    </div>
  );
}

/** What stays of payments in each currency: in all, in its smallest unit, and by day in its usual unit. */
function byCurrency(rows: readonly AdminUsage[]) {
  const all = Map.groupBy(
    rows.flatMap(({ revenue }) => revenue),
    ({ currency }) => currency,
  );
  return [...all].map(([currency, amounts]) => ({
    currency,
    net: amounts.reduce((sum, { paid, returned }) => sum + paid - returned, 0),
    values: rows.map(({ revenue }) => {
      const one = revenue.find((moved) => moved.currency === currency);
      return one === undefined ? 0 : netOf(one);
    }),
  }));
}
