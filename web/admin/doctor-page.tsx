/** What the doctor finds, faults first, with what to do about each. */
import { useQuery } from '@tanstack/react-query';
import type { Finding } from '../../contract/admin.ts';
import { examine } from '../api/admin.ts';
import { useText } from '../languages/text.ts';
import { Button } from '../ui/button.tsx';
import { LoadState } from '../ui/load-state.tsx';
import { Table } from './table.tsx';

const severity = ['fault', 'warning', 'ok'] as const;
const tones = { fault: 'font-semibold text-bad', warning: 'font-semibold text-ink', ok: 'text-faint' } as const;

export function DoctorPage() {
  const text = useText();
  const findings = useQuery({
    queryKey: ['admin', 'doctor'],
    queryFn: ({ signal }) => examine(signal),
    staleTime: 0,
  });
  const sorted = findings.data?.toSorted((a, b) => severity.indexOf(a.state) - severity.indexOf(b.state));
  const healthy = sorted?.every(({ state }) => state === 'ok') === true;

  return (
    <>
      <p className="m-0 text-soft">{text('admin.examine-about')}</p>
      <div className="flex flex-wrap items-center gap-x-4 gap-y-2">
        <Button disabled={findings.isFetching} onClick={() => void findings.refetch()}>
          {text('admin.examine')}
        </Button>
        <span role="status">{healthy && !findings.isFetching && text('admin.healthy')}</span>
      </div>
      {(findings.isFetching || findings.isError) && <LoadState queries={[findings]} />}
      {sorted && (
        <Table<Finding>
          label={text('admin.doctor')}
          heads={[text('admin.subject'), text('admin.state'), text('admin.found')]}
          items={sorted}
          keyOf={({ subject, found }) => `${subject} ${found}`}
          cellsOf={({ subject, state, found, advice }) => [
            <bdi key="subject" lang="en">
              {subject}
            </bdi>,
            <span key="state" className={tones[state]}>
              {text(`finding.${state}`)}
            </span>,
            <span key="found" lang="en" dir="ltr" className="block [overflow-wrap:anywhere]">
              {found}
              {advice !== null && <span className="mt-1 block text-ink">{advice}</span>}
            </span>,
          ]}
        />
      )}
    </>
  );
}
