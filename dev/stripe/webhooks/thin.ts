/** Thin events: small v2 notifications that name the changed object, which the receiver fetches. */
import type { EventRecord } from '../records.ts';

/** The event as `/v2/core/events/{id}` answers it. */
interface ThinEvent {
  readonly id: string;
  readonly object: 'v2.core.event';
  readonly type: string;
  readonly created: string;
  readonly livemode: false;
  readonly reason: { type: 'request'; request: { id: string; idempotency_key: string } } | null;
  readonly related_object: { id: string; type: string; url: string };
  readonly snapshot_event: string;
  readonly changes: { before: Record<string, unknown>; after: Record<string, unknown> } | null;
}

const paths: Record<string, string> = {
  'checkout.session': 'checkout/sessions',
  customer: 'customers',
  subscription: 'subscriptions',
  invoice: 'invoices',
  invoice_payment: 'invoice_payments',
  payment_intent: 'payment_intents',
  payment_method: 'payment_methods',
  charge: 'charges',
  refund: 'refunds',
  dispute: 'disputes',
  product: 'products',
  price: 'prices',
};

/** The thin form of a snapshot event; undefined for objects that cannot be fetched. Its id follows from the snapshot's. */
export function thinOf(event: EventRecord): ThinEvent | undefined {
  const object = event.data.object as Record<string, unknown> & { id: string; object: string };
  const path = paths[object.object];
  if (path === undefined) return undefined;
  const before = event.data.previous_attributes;
  const { id, idempotency_key } = event.request;
  return {
    id: thinId(event.id),
    object: 'v2.core.event',
    type: `v1.${event.type}`,
    created: new Date(event.created * 1000).toISOString(),
    livemode: false,
    reason: id === null ? null : { type: 'request', request: { id, idempotency_key: idempotency_key ?? '' } },
    related_object: { id: object.id, type: object.object, url: `/v1/${path}/${object.id}` },
    snapshot_event: event.id,
    changes: before
      ? { before, after: Object.fromEntries(Object.keys(before).map((name) => [name, object[name] ?? null])) }
      : null,
  };
}

/** The notification a webhook endpoint for thin events receives: the event without its data. */
export function notificationOf(event: ThinEvent): Omit<ThinEvent, 'changes' | 'snapshot_event'> {
  const { changes: _changes, snapshot_event: _snapshot, ...notification } = event;
  return notification;
}

const mark = 'evt_thin';

function thinId(snapshotId: string): string {
  return snapshotId.replace(/^evt_/, mark);
}

/** The snapshot event behind a thin event's id. */
export function snapshotId(id: string): string {
  return id.startsWith(mark) ? `evt_${id.slice(mark.length)}` : id;
}
