/** Events of the payment service with their state and their replay, and a sync of all customers. */
import type { BillingEvent } from '../../contract/admin.ts';
import { reconcileBilling, replayEvent } from '../api/admin.ts';
import { useText } from '../languages/text.ts';
import { Button } from '../ui/button.tsx';
import { showToast } from '../ui/toast.tsx';
import { PagedTable } from './table.tsx';
import { dateTime } from './times.ts';
import { useAttempt } from './use-attempt.ts';

export function BillingPage() {
  const text = useText();
  const [busy, attempt] = useAttempt();

  const reconcile = () =>
    attempt(async () => {
      const { customers } = await reconcileBilling();
      showToast({ message: text('admin.reconciling', { count: customers }) });
    });

  return (
    <>
      <div className="flex flex-wrap items-center gap-x-4 gap-y-2">
        <Button disabled={busy} onClick={() => void reconcile()}>
          {text('admin.reconcile')}
        </Button>
        <span className="text-soft">{text('admin.reconcile-about')}</span>
      </div>
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
          <Button
            key="replay"
            aria-label={`${text('admin.replay')}: ${event_id}`}
            disabled={busy}
            onClick={() => void attempt(() => replayEvent(id))}
          >
            {text('admin.replay')}
          </Button>,
        ]}
      />
    </>
  );
}
