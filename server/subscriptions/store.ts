/** SQL for customers: their id, Checkout session and subscription status. */
import type { Connection, Statement } from '../ports/database.ts';

export interface CustomerRow {
  readonly customerId: string;
  readonly checkoutRound: number;
  readonly checkoutId: string | null;
}

const ofUser: Statement<CustomerRow> = {
  name: 'billing_of_user',
  text: `select customer_id as "customerId", checkout_round as "checkoutRound", checkout_id as "checkoutId"
    from billing_customers where user_id = $1`,
};

export async function readCustomer(db: Connection, userId: number): Promise<CustomerRow | null> {
  const rows = await db.run(ofUser, [userId]);
  return rows[0] ?? null;
}

const add: Statement<never> = {
  name: 'billing_add',
  text: `insert into billing_customers (user_id, customer_id, recheck_at) values ($1, $2, pollux_now() + interval '1 day')
    on conflict (user_id) do nothing`,
};

export async function addCustomer(db: Connection, userId: number, customerId: string): Promise<void> {
  await db.run(add, [userId, customerId]);
}

const replace: Statement<never> = {
  name: 'billing_replace',
  text: `update billing_customers set customer_id = $3, checkout_round = checkout_round + 1, checkout_id = null, requested = requested + 1
    where user_id = $1 and customer_id = $2`,
};

/** Replaces a deleted customer, and requests a sync. */
export async function replaceCustomer(db: Connection, userId: number, gone: string, next: string): Promise<void> {
  await db.run(replace, [userId, gone, next]);
}

const keepCheckout: Statement<{ id: string }> = {
  name: 'billing_keep_checkout',
  text: `update billing_customers set checkout_id = $3
    where user_id = $1 and checkout_round = $2 and coalesce(checkout_id, $3) = $3 returning checkout_id as id`,
};

/** False if the round has another session, or is over. */
export async function rememberCheckout(
  db: Connection,
  userId: number,
  round: number,
  checkoutId: string,
): Promise<boolean> {
  return (await db.run(keepCheckout, [userId, round, checkoutId])).length > 0;
}

const nextRound: Statement<never> = {
  name: 'billing_next_round',
  text: `update billing_customers set checkout_round = checkout_round + 1, checkout_id = null
    where user_id = $1 and checkout_round = $2`,
};

/** Ends the round of a Checkout session, so that the next click begins another. Concurrent calls end it once. */
export async function endCheckoutRound(db: Connection, userId: number, round: number): Promise<void> {
  await db.run(nextRound, [userId, round]);
}

const forgetCheckout: Statement<never> = {
  name: 'billing_forget_checkout',
  text: `update billing_customers set checkout_round = checkout_round + 1, checkout_id = null
    where user_id = $1 and checkout_id is not null`,
};

/** Ends the current round, if any: its session can no longer be paid. */
export async function endAnyCheckoutRound(db: Connection, userId: number): Promise<void> {
  await db.run(forgetCheckout, [userId]);
}

export interface StandingRow {
  readonly status: string;
  readonly currentPeriodEnd: Date | null;
  readonly cancelAtPeriodEnd: boolean;
}

const standing: Statement<StandingRow> = {
  name: 'billing_standing',
  text: `select status, current_period_end as "currentPeriodEnd", cancel_at_period_end as "cancelAtPeriodEnd"
    from billing_customers where user_id = $1`,
};

export async function readStanding(db: Connection, userId: number): Promise<StandingRow | null> {
  const rows = await db.run(standing, [userId]);
  return rows[0] ?? null;
}
