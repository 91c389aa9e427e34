/** SQL for events: recorded once, applied once, kept for the operator. */
import type { PaymentEvent } from '../ports/payments.ts';
import type { Connection, Statement } from '../ports/database.ts';
import type { billingEvents } from './tables.ts';

const note: Statement<{ id: number }> = {
  name: 'billing_event_note',
  text: `insert into billing_events (event_id, type, customer_id, object_type, object_id, state)
    values ($1, $2, $3, $4, $5, $6) on conflict (event_id) do nothing returning id`,
};

/** Records an event; null if it was recorded before. */
export async function noteEvent(
  db: Connection,
  event: PaymentEvent,
  state: 'received' | 'ignored',
): Promise<number | null> {
  const rows = await db.run(note, [
    event.id,
    event.type,
    event.customerId,
    event.object?.type,
    event.object?.id,
    state,
  ]);
  return rows[0]?.id ?? null;
}

/** An event that is not applied yet. */
export interface ReceivedEvent {
  readonly id: number;
  readonly customerId: string | null;
  readonly objectType: string | null;
  readonly objectId: string | null;
}

const received: Statement<ReceivedEvent> = {
  name: 'billing_event_received',
  text: `select id, customer_id as "customerId", object_type as "objectType", object_id as "objectId"
    from billing_events where id = $1 and state = 'received'`,
};

/** Null if the event was applied or ignored. */
export async function readReceivedEvent(db: Connection, id: number): Promise<ReceivedEvent | null> {
  const rows = await db.run(received, [id]);
  return rows[0] ?? null;
}

const settle: Statement<{ id: number }> = {
  name: 'billing_event_settle',
  text: `update billing_events set state = $2, customer_id = coalesce($3, customer_id)
    where id = $1 and state = 'received' returning id`,
};

/** Settles an event; false if it is settled already. */
export async function settleEvent(
  db: Connection,
  id: number,
  state: 'applied' | 'ignored',
  customerId: string | null,
): Promise<boolean> {
  return (await db.run(settle, [id, state, customerId])).length > 0;
}

const unapplied: Statement<{ id: number }> = {
  name: 'billing_events_unapplied',
  text: `select id from billing_events where state = 'received' and received_at < now() - interval '10 minutes'
    order by id limit $1`,
};

/** Events not applied after ten minutes: their job was lost. */
export function findUnappliedEvents(db: Connection, limit: number): Promise<{ id: number }[]> {
  return db.run(unapplied, [limit]);
}

/** Health check: rejects if an event has not been applied after ten minutes. */
export async function checkEvents(db: Connection): Promise<void> {
  if ((await findUnappliedEvents(db, 1)).length > 0) throw new Error('events of the payment service are not applied');
}

export interface EventRow {
  readonly id: number;
  readonly eventId: string;
  readonly type: string;
  readonly customerId: string | null;
  readonly state: (typeof billingEvents.$inferSelect)['state'];
  readonly receivedAt: Date;
}

const columns = `id, event_id as "eventId", type, customer_id as "customerId", state, received_at as "receivedAt"`;

const newest: Statement<EventRow> = {
  name: 'billing_events_newest',
  text: `select ${columns} from billing_events
    where ($2::text is null or customer_id = $2) and ($3::bigint is null or id < $3) order by id desc limit $1`,
};

/** The newest events, of one customer, or of all if it is null; with `before`, those older than that one. */
export function listEvents(
  db: Connection,
  limit: number,
  customerId: string | null,
  before: number | null = null,
): Promise<EventRow[]> {
  return db.run(newest, [limit, customerId, before]);
}

const one: Statement<EventRow> = {
  name: 'billing_event_read',
  text: `select ${columns} from billing_events where id = $1`,
};

export async function readRecordedEvent(db: Connection, id: number): Promise<EventRow | null> {
  const rows = await db.run(one, [id]);
  return rows[0] ?? null;
}

const replay: Statement<EventRow> = {
  name: 'billing_event_replay',
  text: `update billing_events set state = 'received'
    where event_id = $1 or id = $2::bigint returning ${columns}`,
};

/** Marks an event to be applied again; null if there is none with this id, ours or the vendor's. */
export async function replayEvent(db: Connection, id: string): Promise<EventRow | null> {
  const rows = await db.run(replay, [id, /^\d{1,15}$/.test(id) ? id : null]);
  return rows[0] ?? null;
}
