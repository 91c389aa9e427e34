/** Frame of the pages for administrators; to others there is nothing here. */
import { useQuery } from '@tanstack/react-query';
import { Link, Outlet } from '@tanstack/react-router';
import { readMe } from '../api/account.ts';
import { keys } from '../app/keys.ts';
import { NotFound } from '../app/not-found.tsx';
import { PageHeader } from '../app/page-header.tsx';
import { useText } from '../languages/text.ts';
import { LoadState } from '../ui/load-state.tsx';

const tabs = [
  { to: '/admin', label: 'admin.people' },
  { to: '/admin/usage', label: 'admin.usage' },
  { to: '/admin/queue', label: 'admin.queue' },
  { to: '/admin/billing', label: 'admin.billing' },
  { to: '/admin/audit', label: 'admin.audit' },
  { to: '/admin/settings', label: 'admin.settings' },
  { to: '/admin/doctor', label: 'admin.doctor' },
] as const;

export function AdminPage() {
  const text = useText();
  const me = useQuery({ queryKey: keys.me, queryFn: ({ signal }) => readMe(signal) });
  if (!me.data) return <LoadState queries={[me]} />;
  if (me.data.role !== 'admin') return <NotFound />;
  return (
    <>
      <PageHeader title={text('admin')} />
      <div className="flex min-h-0 flex-1 flex-col overflow-y-auto px-4 pb-10">
        <div className="mx-auto grid w-full max-w-[960px] grid-cols-[minmax(0,1fr)] gap-5">
          <nav aria-label={text('admin')} className="flex flex-wrap gap-1.5 pt-1">
            {tabs.map(({ to, label }) => (
              <Link
                key={to}
                to={to}
                activeOptions={{ exact: true }}
                activeProps={{ 'aria-current': 'page' }}
                className="flex min-h-9 items-center rounded-[10px] px-3 text-soft hover:bg-sunk hover:text-ink aria-[current=page]:bg-sunk aria-[current=page]:font-semibold aria-[current=page]:text-ink pointer-coarse:min-h-10"
              >
                {text(label)}
              </Link>
            ))}
          </nav>
          <Outlet />
        </div>
      </div>
    </>
  );
}
