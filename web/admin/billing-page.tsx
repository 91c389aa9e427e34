/** Events of the payment service with their state, and their replay. */
import type { BillingEvent } from '../../contract/admin.ts';
import { replayEvent } from '../api/admin.ts';
import { ApiProblem } from '../api/problem.ts';
import { queries } from '../app/queries.ts';
import { useText } from '../languages/text.ts';
import { Button } from '../ui/button.tsx';
import { showToast } from '../ui/toast.tsx';
import { PagedTable } from './table.tsx';
import { dateTime } from './times.ts';

export function BillingPage() {
  const text = useText();

  async function replay(id: number): Promise<void> {
    try {
      await replayEvent(id);
    } catch (error) {
      showToast({ message: (error instanceof ApiProblem && error.message) || text('admin.failed') });
    }
    await queries.invalidateQueries({ queryKey: ['admin'] });
  }

  return (
    <PagedTable<BillingEvent>
      path="/admin/billing/events"
      label={text('admin.billing')}
      heads={[
        text('admin.event'),
        text('admin.customer'),
        text('admin.state'),
        text('admin.received'),
        text('admin.actions'),
      ]}
      keyOf={({ id }) => id}
      cellsOf={({ id, event_id, type, customer_id, state, received_at }) => [
        <span key="event" dir="ltr">
          {type}
          <br />
          <code className="text-[12.5px] text-faint">{event_id}</code>
        </span>,
        <bdi key="customer">{customer_id}</bdi>,
        text(`event.${state}`),
        dateTime(received_at),
        <Button key="replay" aria-label={`${text('admin.replay')}: ${event_id}`} onClick={() => void replay(id)}>
          {text('admin.replay')}
        </Button>,
      ]}
    />
  );
}
