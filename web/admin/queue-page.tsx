/** Replies that wait and that failed, and models that are paused, as they are now. */
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import type { AdminQueue } from '../../contract/admin.ts';
import { readQueue } from '../api/admin.ts';
import { locale, useText } from '../languages/text.ts';
import { LoadState } from '../ui/load-state.tsx';
import { Table } from './table.tsx';
import { dateTime } from './times.ts';

const readEveryMs = 5000;

export function QueuePage() {
  const text = useText();
  const queue = useQuery({
    queryKey: ['admin', 'queue'],
    queryFn: ({ signal }) => readQueue(signal),
    refetchInterval: readEveryMs,
    staleTime: 0,
  });
  if (!queue.data) return <LoadState queries={[queue]} />;
  const { depth, oldest_seconds, queued, generating, workers, paused_models, failures } = queue.data;
  const seconds = new Intl.NumberFormat(locale(), { style: 'unit', unit: 'second', maximumFractionDigits: 1 });
  const facts: readonly (readonly [string, string | number])[] = [
    [text('admin.waiting'), depth],
    [text('admin.oldest'), seconds.format(oldest_seconds)],
    [text('admin.queued'), queued],
    [text('admin.generating'), generating],
    [text('admin.workers'), workers],
  ];
  return (
    <>
      <dl className="m-0 grid grid-cols-[repeat(auto-fill,minmax(130px,1fr))] gap-4">
        {facts.map(([name, value]) => (
          <div key={name}>
            <dt className="text-[13px] text-faint">{name}</dt>
            <dd className="tabular m-0 text-[22px] font-[640]">{value}</dd>
          </div>
        ))}
      </dl>
      {paused_models.length > 0 && (
        <section>
          <h2 className="m-0 mb-1 text-[16px]">{text('admin.paused')}</h2>
          <ul className="m-0 grid gap-1 p-0">
            {paused_models.map(({ model, until, missing_since }) => (
              <li key={model} className="list-none text-soft">
                <bdi className="font-medium text-ink">{model}</bdi> {text('admin.until', { time: dateTime(until) })}
                {missing_since !== null && `, ${text('admin.missing', { time: dateTime(missing_since) })}`}
              </li>
            ))}
          </ul>
        </section>
      )}
      <section>
        <h2 className="m-0 mb-1 text-[16px]">{text('admin.failures')}</h2>
        <Table<AdminQueue['failures'][number]>
          label={text('admin.failures')}
          heads={[text('admin.code'), text('admin.count'), text('admin.newest')]}
          items={failures}
          keyOf={({ code }) => code}
          cellsOf={({ code, count, samples }) => [
            <code key="code">{code}</code>,
            count,
            <ul key="samples" className="m-0 grid gap-0.5 p-0">
              {samples.map(({ reply_id, user_id, model, failed_at }) => (
                <li key={reply_id} className="list-none">
                  {dateTime(failed_at)} · <bdi>{model}</bdi> ·{' '}
                  <Link
                    to="/admin/users/$userId"
                    params={{ userId: String(user_id) }}
                    className="text-ember-ink underline underline-offset-2"
                  >
                    {text('admin.person', { id: user_id })}
                  </Link>
                </li>
              ))}
            </ul>,
          ]}
        />
      </section>
    </>
  );
}
