/** The audit log, newest first. */
import { Link } from '@tanstack/react-router';
import type { AuditEntry } from '../../contract/admin.ts';
import { useText } from '../languages/text.ts';
import { PagedTable } from './table.tsx';
import { dateTime } from './times.ts';

export function AuditPage() {
  const text = useText();
  return (
    <PagedTable<AuditEntry>
      path="/admin/audit"
      label={text('admin.audit')}
      heads={[text('admin.when'), text('admin.by'), text('admin.action'), text('admin.account'), text('admin.details')]}
      keyOf={({ id }) => id}
      cellsOf={({ at, actor, actor_id, action, user_id, details }) => [
        dateTime(at),
        text(`actor.${actor}`, { id: actor_id ?? '' }).trim(),
        <code key="action">{action}</code>,
        user_id !== null && (
          <Link
            key="account"
            to="/admin/users/$userId"
            params={{ userId: String(user_id) }}
            className="text-ember-ink underline underline-offset-2"
          >
            {text('admin.person', { id: user_id })}
          </Link>
        ),
        <code key="details" dir="ltr" className="text-[12.5px] [overflow-wrap:anywhere]">
          {Object.entries(details)
            .map(([name, value]) => `${name}: ${JSON.stringify(value)}`)
            .join(', ')}
        </code>,
      ]}
    />
  );
}
