/** SQL for what customers paid. */
import type { Connection, Statement } from '../ports/database.ts';
import type { payments } from './tables.ts';

export interface Payer {
  readonly userId: number;
  readonly customerId: string;
  /** Incremented by every sync. */
  readonly epoch: number;
}

const due: Statement<Payer> = {
  name: 'payments_due',
  text: `select user_id as "userId", customer_id as "customerId", epoch from billing_customers
    where payments_epoch < epoch and user_id > $1 order by user_id limit $2`,
};

/** Customers that were synced since their payments were read, in the order of their ids. */
export function listDuePayers(db: Connection, afterUserId: number, limit: number): Promise<Payer[]> {
  return db.run(due, [afterUserId, limit]);
}

/** Accounts are kept for as long as the tax laws of most countries demand. */
const keptFor = `interval '10 years'`;

export const stalePayments: Statement<never> = {
  name: 'stale_payments',
  text: `delete from payments where created_at < now() - ${keptFor}`,
};

/** A payment, or what was returned of one, with the plan that it bought. */
export type PaymentRow = Omit<typeof payments.$inferSelect, 'userId' | 'createdAt'> & { readonly at: Date };

const write: Statement<never> = {
  name: 'payments_write',
  text: `with payer as (
      update billing_customers set payments_epoch = epoch where user_id = $1 and epoch = $2 returning user_id
    ), told as (
      select told.*, payer.user_id from payer cross join jsonb_to_recordset($3::jsonb)
        as told (id text, kind text, "invoiceId" text, tier text, amount bigint, currency text, at timestamptz)
    ), gone as (
      delete from payments where invoice_id in (select "invoiceId" from told) and id not in (select id from told)
    )
    insert into payments as known (id, kind, user_id, invoice_id, tier, amount, currency, created_at)
    select id, kind, user_id, "invoiceId", tier, amount, currency, at from told where at >= now() - ${keptFor}
    on conflict (id) do update set amount = excluded.amount, created_at = excluded.created_at
      where (known.amount, known.created_at) is distinct from (excluded.amount, excluded.created_at)`,
};

/**
 * Replaces what is known of these invoices, unless a sync has begun since the payer was read, after which it is due again. The plan
 * of a payment stays as it was first written.
 */
export async function writePayments(
  db: Connection,
  { userId, epoch }: Omit<Payer, 'customerId'>,
  rows: readonly PaymentRow[],
): Promise<void> {
  await db.run(write, [userId, epoch, JSON.stringify(rows)]);
}
