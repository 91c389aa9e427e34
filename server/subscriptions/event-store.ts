/** SQL for events: noted once, passed on once, kept for the operator to see. */
import type { PaymentEvent } from '../ports/payments.ts';
import type { Connection, Statement } from '../ports/database.ts';

const note: Statement<{ id: number }> = {
  name: 'billing_event_note',
  text: `insert into billing_events (event_id, type, customer_id, object_type, object_id, state)
    values ($1, $2, $3, $4, $5, $6) on conflict (event_id) do nothing returning id`,
};

/** Keeps an event; null when it was kept before. */
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

export interface EventClaim {
  readonly id: number;
  readonly customerId: string | null;
  readonly objectType: string | null;
  readonly objectId: string | null;
  readonly failures: number;
}

const claimEvent: Statement<EventClaim> = {
  name: 'billing_event_claim',
  text: `update billing_events set next_attempt_at = now() + interval '20 seconds' where id in (
      select id from billing_events where state = 'received' and next_attempt_at <= now() and ($1::bigint is null or id = $1)
      order by id limit $2 for update skip locked
    )
    returning id, customer_id as "customerId", object_type as "objectType", object_id as "objectId", failures`,
};

/** Takes events that nobody passed on yet, one or any; nobody else takes them for 20 seconds. */
export function claimEvents(db: Connection, id: number | null, limit: number): Promise<EventClaim[]> {
  return db.run(claimEvent, [id, limit]);
}

const settleEvent: Statement<never> = {
  name: 'billing_event_settle',
  text: `update billing_events set state = $2, customer_id = coalesce($3, customer_id) where id = $1`,
};

export async function settleEventRow(
  db: Connection,
  id: number,
  state: 'applied' | 'ignored',
  customerId: string | null,
): Promise<void> {
  await db.run(settleEvent, [id, state, customerId]);
}

const postponeEvent: Statement<never> = {
  name: 'billing_event_postpone',
  text: `update billing_events set failures = failures + 1, next_attempt_at = now() + make_interval(secs => $2::float8 / 1000)
    where id = $1 and state = 'received'`,
};

export async function postponeEventRow(db: Connection, id: number, delayMs: number): Promise<void> {
  await db.run(postponeEvent, [id, delayMs]);
}

export interface EventRow {
  readonly id: number;
  readonly eventId: string;
  readonly type: string;
  readonly customerId: string | null;
  readonly state: string;
  readonly failures: number;
  readonly receivedAt: Date;
}

const columns = `id, event_id as "eventId", type, customer_id as "customerId", state, failures, received_at as "receivedAt"`;

const newest: Statement<EventRow> = {
  name: 'billing_events_newest',
  text: `select ${columns} from billing_events where $2::text is null or customer_id = $2 order by id desc limit $1`,
};

/** The newest events, of one customer or of all. */
export function listEvents(db: Connection, limit: number, customerId: string | null): Promise<EventRow[]> {
  return db.run(newest, [limit, customerId]);
}

const one: Statement<EventRow> = {
  name: 'billing_event_read',
  text: `select ${columns} from billing_events where id = $1`,
};

export async function readEvent(db: Connection, id: number): Promise<EventRow | null> {
  const rows = await db.run(one, [id]);
  return rows[0] ?? null;
}

const replay: Statement<EventRow> = {
  name: 'billing_event_replay',
  text: `update billing_events set state = 'received', next_attempt_at = now(), failures = 0
    where event_id = $1 or id = $2::bigint returning ${columns}`,
};

/** Makes an event be passed on again; null when there is none with this id, ours or the vendor's. */
export async function replayEvent(db: Connection, id: string): Promise<EventRow | null> {
  const rows = await db.run(replay, [id, /^\d{1,15}$/.test(id) ? id : null]);
  return rows[0] ?? null;
}
