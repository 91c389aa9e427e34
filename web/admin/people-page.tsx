/** All accounts, newest first: found by number, plan and block. */
import { Link } from '@tanstack/react-router';
import { useEffect, useState } from 'react';
import type { AdminUser } from '../../contract/admin-users.ts';
import { useText } from '../languages/text.ts';
import { usePlans } from '../plans/use-plans.ts';
import { dollars } from './money.ts';
import { PagedTable } from './table.tsx';
import { dateTime } from './times.ts';

/** Typing pauses for this long before a search. */
const pauseMs = 250;

export function PeoplePage() {
  const text = useText();
  const { data: plans = [] } = usePlans();
  const [typed, setTyped] = useState('');
  const [wanted, setWanted] = useState('');
  const [tier, setTier] = useState('');
  const [blocked, setBlocked] = useState('');

  useEffect(() => {
    const timer = setTimeout(() => setWanted(typed.trim()), pauseMs);
    return () => clearTimeout(timer);
  }, [typed]);

  const asked = new URLSearchParams(Object.entries({ q: wanted, tier, blocked }).filter(([, value]) => value !== ''));
  return (
    <>
      <div className="flex flex-wrap gap-2">
        <input
          type="search"
          maxLength={40}
          aria-label={text('admin.find')}
          placeholder={text('admin.find')}
          value={typed}
          onChange={(event) => setTyped(event.target.value)}
          className="min-h-10 min-w-0 flex-1 basis-60 rounded-xl border border-line bg-raised px-3"
        />
        <Filter label={text('admin.plan')} value={tier} onChange={setTier}>
          {[['', text('admin.any-plan')], ...plans.map(({ id }) => [id, id])]}
        </Filter>
        <Filter label={text('admin.blocked')} value={blocked} onChange={setBlocked}>
          {[
            ['', text('admin.any-state')],
            ['true', text('admin.blocked')],
            ['false', text('admin.not-blocked')],
          ]}
        </Filter>
      </div>
      <PagedTable<AdminUser>
        path={`/admin/users?${asked.toString()}`}
        label={text('admin.people')}
        heads={[
          text('admin.number'),
          text('admin.plan'),
          text('admin.role'),
          text('admin.state'),
          text('admin.today'),
          text('admin.month-cost'),
          text('admin.since'),
        ]}
        keyOf={({ id }) => id}
        cellsOf={(user) => [
          <Link
            key="number"
            to="/admin/users/$userId"
            params={{ userId: String(user.id) }}
            className="text-ember-ink underline underline-offset-2"
          >
            <bdi>{user.mobile_number}</bdi>
          </Link>,
          user.tier,
          text(`role.${user.role}`),
          user.blocked ? <strong className="text-bad">{text('admin.blocked')}</strong> : '–',
          user.messages_today,
          dollars(user.month_cost_usd),
          dateTime(user.created_at),
        ]}
      />
    </>
  );
}

function Filter({
  label,
  value,
  onChange,
  children,
}: {
  readonly label: string;
  readonly value: string;
  readonly onChange: (value: string) => void;
  /** Value and name of each choice. */
  readonly children: readonly (readonly string[])[];
}) {
  return (
    <select
      aria-label={label}
      value={value}
      onChange={(event) => onChange(event.target.value)}
      className="min-h-10 rounded-xl border border-line bg-raised px-3"
    >
      {children.map(([choice, name]) => (
        <option key={choice} value={choice}>
          {name}
        </option>
      ))}
    </select>
  );
}
