/** SQL for syncs of customers: request, begin and finish. */
import type { Tier } from '../../contract/plans.ts';
import type { Connection, Statement } from '../ports/database.ts';

/** A request not covered by a sync after this long is found by the reconciliation. */
const overdueAfter = `interval '5 minutes'`;

const request: Statement<{ userId: number }> = {
  name: 'billing_request',
  text: `update billing_customers set requested = requested + 1,
      recheck_at = least(recheck_at, pollux_now() + ${overdueAfter})
    where customer_id = $1 returning user_id as "userId"`,
};

/**
 * Requests a sync; null if the customer is unknown. Runs before the job is sent, in its transaction: a sync that begins meanwhile
 * waits for the request, and covers it.
 */
export async function requestSync(db: Connection, customerId: string): Promise<number | null> {
  const rows = await db.run(request, [customerId]);
  return rows[0]?.userId ?? null;
}

const requestDue: Statement<{ userId: number }> = {
  name: 'billing_request_due',
  text: `update billing_customers set requested = requested + 1, recheck_at = pollux_now() + ${overdueAfter}
    where user_id in (
      select user_id from billing_customers where recheck_at <= pollux_now() order by recheck_at limit $1
      for update skip locked
    )
    returning user_id as "userId"`,
};

/** Requests a sync of customers that are due. */
export function requestDueSyncs(db: Connection, limit: number): Promise<{ userId: number }[]> {
  return db.run(requestDue, [limit]);
}

const requestAll: Statement<{ userId: number }> = {
  name: 'billing_request_all',
  text: `update billing_customers set requested = requested + 1,
      recheck_at = least(recheck_at, pollux_now() + ${overdueAfter}) returning user_id as "userId"`,
};

/** Requests a sync of all customers. */
export async function requestAllSyncs(db: Connection): Promise<number[]> {
  return (await db.run(requestAll, [])).map(({ userId }) => userId);
}

const allDue: Statement<{ count: number }> = {
  name: 'billing_all_due',
  text: `with due as (
      update billing_customers set recheck_at = least(recheck_at, pollux_now()) returning 1
    )
    select count(*)::int as count from due`,
};

/** Makes the next sync of all customers due now. Returns how many there are. */
export async function makeAllSyncsDue(db: Connection): Promise<number> {
  const [row] = await db.run(allDue, []);
  return row!.count;
}

export interface SyncStart {
  readonly userId: number;
  readonly customerId: string;
  /** The count of requests that this sync covers. */
  readonly requested: number;
  readonly epoch: number;
  /** The database's clock, used for the grace period. */
  readonly now: Date;
}

const begin: Statement<SyncStart> = {
  name: 'billing_begin',
  // Locked before it is read, to wait for a transaction that is requesting a sync.
  text: `with customer as (select user_id, requested, done from billing_customers where user_id = $1 for update)
    update billing_customers b set epoch = b.epoch + 1
    from customer where b.user_id = customer.user_id and customer.requested > customer.done
    returning b.user_id as "userId", b.customer_id as "customerId", b.requested, b.epoch, pollux_now() as now`,
};

/** Begins a sync, after which earlier ones may not write; null if none is requested. */
export async function beginSync(db: Connection, userId: number): Promise<SyncStart | null> {
  const rows = await db.run(begin, [userId]);
  return rows[0] ?? null;
}

export interface SyncResult {
  readonly tier: Tier;
  readonly status: string;
  readonly subscriptionId: string | null;
  readonly currentPeriodEnd: Date | null;
  readonly cancelAtPeriodEnd: boolean;
  readonly recheckAt: Date | null;
}

export interface SyncOutcome {
  /** Something visible to the user has changed. */
  readonly changed: boolean;
  readonly tierBefore: Tier;
  readonly tier: Tier;
  readonly mobileNumber: string;
}

const finish: Statement<SyncOutcome> = {
  name: 'billing_finish',
  text: `with before as (
      select b.user_id, b.status, b.current_period_end, b.cancel_at_period_end, u.tier
      from billing_customers b join users u on u.id = b.user_id where b.user_id = $1 and b.epoch = $2 for update
    ), written as (
      update billing_customers b set done = $3, status = $5,
        subscription_id = $6, current_period_end = $7, cancel_at_period_end = $8,
        recheck_at = least(coalesce($9::timestamptz, 'infinity'),
          pollux_now() + case when b.requested > $3 then ${overdueAfter} else interval '1 day' end)
      from before where b.user_id = before.user_id returning b.user_id
    ), tiered as (
      update users u set tier = coalesce(u.granted_tier, $4) from before where u.id = before.user_id
      returning u.tier, u.mobile_number
    )
    select (before.tier, before.status, before.cancel_at_period_end, before.current_period_end)
      is distinct from (tiered.tier, $5::text, $8::boolean, $7::timestamptz(3)) as changed,
      before.tier as "tierBefore", tiered.tier, tiered.mobile_number as "mobileNumber"
    from before, written, tiered`,
};

/** Writes the result of a sync, customer and tier together; null if another sync has begun since. */
export async function finishSync(db: Connection, start: SyncStart, result: SyncResult): Promise<SyncOutcome | null> {
  const rows = await db.run(finish, [
    start.userId,
    start.epoch,
    start.requested,
    result.tier,
    result.status,
    result.subscriptionId,
    result.currentPeriodEnd,
    result.cancelAtPeriodEnd,
    result.recheckAt,
  ]);
  return rows[0] ?? null;
}
