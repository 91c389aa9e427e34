/** SQL for looks at customers: the reasons for one, whose turn it is, and what came of it. */
import type { Connection, Statement } from '../ports/database.ts';

const request: Statement<{ userId: number }> = {
  name: 'billing_request',
  text: `update billing_customers set requested = requested + 1, failures = 0,
      lease_until = case when failures > 0 then null else lease_until end
    where customer_id = $1 returning user_id as "userId"`,
};

/** Notes a reason to look at the customer; null when it is none of ours. A look that waits after a failure waits no more. */
export async function requestSync(db: Connection, customerId: string): Promise<number | null> {
  const rows = await db.run(request, [customerId]);
  return rows[0]?.userId ?? null;
}

const requestDue: Statement<{ userId: number }> = {
  name: 'billing_request_due',
  text: `update billing_customers set requested = requested + 1, recheck_at = pollux_now() + interval '1 day'
    where recheck_at <= pollux_now() and requested = done returning user_id as "userId"`,
};

/** Notes a reason for every customer whose time has come. */
export async function requestDueSyncs(db: Connection): Promise<void> {
  await db.run(requestDue, []);
}

const requestAll: Statement<{ userId: number }> = {
  name: 'billing_request_all',
  text: `update billing_customers set requested = requested + 1, lease_until = null, failures = 0 returning user_id as "userId"`,
};

/** Notes a reason for every customer there is; gives how many. */
export async function requestAllSyncs(db: Connection): Promise<number> {
  return (await db.run(requestAll, [])).length;
}

export interface SyncClaim {
  readonly userId: number;
  readonly customerId: string;
  /** The reasons this look covers. */
  readonly requested: number;
  readonly epoch: number;
  /** How many looks before this one failed in a row. */
  readonly failures: number;
  /** The database's clock, which decides about grace and day. */
  readonly now: Date;
}

/** Renewed while somebody looks, so it only runs out on a dead one. */
const leaseSeconds = 15;
export const renewLeaseEveryMs = 4000;

const claim: Statement<SyncClaim> = {
  name: 'billing_claim',
  // No failures while somebody looks: with some, a lease is the wait after the last, which a new reason ends.
  text: `with chosen as (
      select user_id, failures from billing_customers
      where requested > done and (lease_until is null or lease_until < now()) and ($1::bigint is null or user_id = $1)
      order by lease_until nulls first limit $2 for update skip locked
    )
    update billing_customers b
    set epoch = b.epoch + 1, failures = 0, lease_until = now() + interval '${leaseSeconds} seconds'
    from chosen where b.user_id = chosen.user_id
    returning b.user_id as "userId", b.customer_id as "customerId", b.requested, b.epoch, chosen.failures,
      pollux_now() as now`,
};

/** Takes customers that want a look, of one user or of any; nobody else looks at them until the lease ends. */
export function claimSyncs(db: Connection, userId: number | null, limit: number): Promise<SyncClaim[]> {
  return db.run(claim, [userId, limit]);
}

const renew: Statement<never> = {
  name: 'billing_renew',
  text: `update billing_customers set lease_until = now() + interval '${leaseSeconds} seconds'
    where user_id = $1 and epoch = $2 and lease_until is not null`,
};

/** Keeps a claim for as long again. */
export async function renewSync(db: Connection, claimed: SyncClaim): Promise<void> {
  await db.run(renew, [claimed.userId, claimed.epoch]);
}

const openSyncs: Statement<OpenSyncs> = {
  name: 'billing_open_syncs',
  text: `select count(*) filter (where failures = 0)::int as waiting, count(*) filter (where failures > 0)::int as failing
    from billing_customers where requested > done`,
};

export interface OpenSyncs {
  /** Customers to be looked at, or being looked at now. */
  readonly waiting: number;
  /** Customers whose last look failed. */
  readonly failing: number;
}

export async function countOpenSyncs(db: Connection): Promise<OpenSyncs> {
  const rows = await db.run(openSyncs, []);
  return rows[0]!;
}

export interface SyncResult {
  readonly tier: 'Basic' | 'Pro';
  readonly status: string;
  readonly subscriptionId: string | null;
  readonly currentPeriodEnd: Date | null;
  readonly cancelAtPeriodEnd: boolean;
  readonly recheckAt: Date | null;
}

export interface SyncOutcome {
  /** Something that a person sees is not as it was. */
  readonly changed: boolean;
  readonly tierBefore: 'Basic' | 'Pro';
  readonly tier: 'Basic' | 'Pro';
  readonly mobileNumber: string;
}

const finish: Statement<SyncOutcome> = {
  name: 'billing_finish',
  text: `with before as (
      select b.user_id, b.status, b.current_period_end, b.cancel_at_period_end, u.tier
      from billing_customers b join users u on u.id = b.user_id where b.user_id = $1 and b.epoch = $2 for update
    ), written as (
      update billing_customers b set done = $3, lease_until = case when $10 then b.lease_until end, status = $5,
        subscription_id = $6, current_period_end = $7, cancel_at_period_end = $8,
        recheck_at = least(coalesce($9::timestamptz, 'infinity'), pollux_now() + interval '1 day')
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

/**
 * Writes what a look found, customer and tier together; null when the claim was lost. The lease ends with it unless
 * there is more to do under it (`keepLease`).
 */
export async function finishSync(
  db: Connection,
  claimed: SyncClaim,
  result: SyncResult,
  { keepLease }: { keepLease: boolean },
): Promise<SyncOutcome | null> {
  const rows = await db.run(finish, [
    claimed.userId,
    claimed.epoch,
    claimed.requested,
    result.tier,
    result.status,
    result.subscriptionId,
    result.currentPeriodEnd,
    result.cancelAtPeriodEnd,
    result.recheckAt,
    keepLease,
  ]);
  return rows[0] ?? null;
}

const release: Statement<never> = {
  name: 'billing_release',
  text: `update billing_customers set lease_until = null where user_id = $1 and epoch = $2`,
};

/** Ends a lease that was kept: the next look may begin. */
export async function releaseSync(db: Connection, claimed: SyncClaim): Promise<void> {
  await db.run(release, [claimed.userId, claimed.epoch]);
}

const postpone: Statement<never> = {
  name: 'billing_postpone',
  text: `update billing_customers set failures = $4, lease_until = now() + make_interval(secs => $3::float8 / 1000)
    where user_id = $1 and epoch = $2`,
};

/** The look failed: it waits for its next turn. */
export async function postponeSync(db: Connection, claimed: SyncClaim, delayMs: number): Promise<void> {
  await db.run(postpone, [claimed.userId, claimed.epoch, delayMs, claimed.failures + 1]);
}
