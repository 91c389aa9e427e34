/** One account: its data, and what an administrator can change. */
import { useQuery } from '@tanstack/react-query';
import { useNavigate, useParams } from '@tanstack/react-router';
import { useState, type ReactNode } from 'react';
import type { AdminUserDetail } from '../../contract/admin-users.ts';
import { changeUser, deleteUser, endSessionsOf, readUser, type UserChange } from '../api/admin.ts';
import { useText } from '../languages/text.ts';
import { usePlans } from '../plans/use-plans.ts';
import { Button } from '../ui/button.tsx';
import { LoadState } from '../ui/load-state.tsx';
import { showToast } from '../ui/toast.tsx';
import { BlockDialog } from './block-dialog.tsx';
import { DeleteDialog } from './delete-dialog.tsx';
import { dollars, moneyText } from './money.ts';
import { dateTime } from './times.ts';
import { useAttempt } from './use-attempt.ts';

export function PersonPage() {
  const { userId } = useParams({ from: '/inside/admin/users/$userId' });
  const id = Number(userId);
  const user = useQuery({
    queryKey: ['admin', 'user', id],
    queryFn: ({ signal }) => readUser(id, signal),
    staleTime: 0,
  });
  return user.data ? <Person key={id} user={user.data} /> : <LoadState queries={[user]} />;
}

function Person({ user }: { readonly user: AdminUserDetail }) {
  const text = useText();
  const { data: plans = [] } = usePlans();
  const [busy, attempt] = useAttempt();
  const [asking, setAsking] = useState<'block' | 'delete' | null>(null);
  const navigate = useNavigate();

  const change = (body: UserChange) => attempt(() => changeUser(user.id, body));
  const endSessions = () =>
    attempt(async () => {
      await endSessionsOf(user.id);
      showToast({ message: text('admin.sessions-ended') });
    });

  const remove = () =>
    attempt(async () => {
      await deleteUser(user.id);
      showToast({ message: text('admin.deleted', { number: user.mobile_number }) });
      await navigate({ to: '/admin' });
    });

  return (
    <>
      <h2 className="m-0 flex flex-wrap items-baseline gap-x-3 text-[22px]">
        <bdi className="tabular">{user.mobile_number}</bdi>
        <span className="text-[15px] font-normal text-faint">{text('admin.person', { id: user.id })}</span>
        {user.blocked && <span className="text-[15px] text-bad">{text('admin.blocked')}</span>}
      </h2>
      <dl className="m-0 grid grid-cols-[repeat(auto-fill,minmax(150px,1fr))] gap-x-6 gap-y-4">
        <Fact name={text('admin.plan')}>{user.tier}</Fact>
        <Fact name={text('admin.subscription')}>{user.subscription?.status ?? text('admin.never-paid')}</Fact>
        <Fact name={text('admin.today')}>{user.messages_today}</Fact>
        <Fact name={text('admin.month-cost')}>{dollars(user.month_cost_usd)}</Fact>
        <Fact name={text('admin.total-cost')}>{dollars(user.total_cost_usd)}</Fact>
        <Fact name={text('admin.paid')}>{moneyText(user.revenue, 'paid')}</Fact>
        <Fact name={text('admin.returned')}>{moneyText(user.revenue, 'returned')}</Fact>
        <Fact name={text('chats')}>{user.rooms}</Fact>
        <Fact name={text('admin.unfinished')}>{user.unfinished_replies}</Fact>
        <Fact name={text('devices')}>{user.sessions}</Fact>
        <Fact name={text('admin.since')}>{dateTime(user.created_at)}</Fact>
      </dl>
      <div className="flex flex-wrap gap-x-6 gap-y-3">
        <label className="grid gap-1">
          <span className="font-semibold">{text('admin.granted')}</span>
          <select
            value={user.granted_tier ?? ''}
            disabled={busy}
            onChange={(event) => void change({ tier: event.target.value || null })}
            className="min-h-10 rounded-xl border border-line bg-raised px-3"
          >
            <option value="">{text('admin.payment-decides')}</option>
            {plans.map(({ id }) => (
              <option key={id} value={id}>
                {id}
              </option>
            ))}
          </select>
        </label>
        <label className="grid gap-1">
          <span className="font-semibold">{text('admin.role')}</span>
          <select
            value={user.role}
            disabled={busy}
            onChange={(event) => void change({ role: event.target.value as 'user' | 'admin' })}
            className="min-h-10 rounded-xl border border-line bg-raised px-3"
          >
            <option value="user">{text('role.user')}</option>
            <option value="admin">{text('role.admin')}</option>
          </select>
        </label>
      </div>
      <div className="flex flex-wrap gap-2">
        <Button disabled={busy} onClick={() => void endSessions()}>
          {text('admin.end-sessions')}
        </Button>
        {user.blocked ? (
          <Button disabled={busy} onClick={() => void change({ blocked: false })}>
            {text('admin.unblock')}
          </Button>
        ) : (
          <Button disabled={busy} onClick={() => setAsking('block')} className="text-bad!">
            {text('admin.block')}
          </Button>
        )}
        <Button disabled={busy} onClick={() => setAsking('delete')} className="text-bad!">
          {text('deletion')}
        </Button>
      </div>
      {asking === 'delete' && (
        <DeleteDialog
          number={user.mobile_number}
          onClose={() => setAsking(null)}
          onDelete={() => {
            setAsking(null);
            void remove();
          }}
        />
      )}
      {asking === 'block' && (
        <BlockDialog
          onClose={() => setAsking(null)}
          onBlock={() => {
            setAsking(null);
            void change({ blocked: true });
          }}
        />
      )}
    </>
  );
}

function Fact({ name, children }: { readonly name: string; readonly children: ReactNode }) {
  return (
    <div>
      <dt className="text-[13px] text-faint">{name}</dt>
      <dd className="tabular m-0">{children}</dd>
    </div>
  );
}
