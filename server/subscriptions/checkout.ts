/** Becoming Pro: one customer a user, one open Checkout session a customer. */
import type { CheckoutSession } from '../../contract/subscriptions.ts';
import { ProblemError } from '../problems/problem.ts';
import { readUsage, type UsageRow } from '../plans/store.ts';
import { signInRequired } from '../accounts/authenticate.ts';
import { CustomerGone, PaymentsUnavailable, type CheckoutFacts } from '../ports/payments.ts';
import { addCustomer, endCheckoutRound, readCustomer, rememberCheckout, replaceCustomer } from './store.ts';
import type { CustomerRow } from './store.ts';
import { customerSync } from './job-kinds.ts';
import { syncNow, type SyncDeps } from './sync.ts';
import { standingOf } from './tier.ts';

export interface CheckoutDeps extends SyncDeps {
  /** The page that Stripe sends people back to, without a query. */
  readonly returnUrl: string;
}

/** A session that ends this soon is not handed out again. */
const tooLateMs = 60_000;
/** Each round ends at most one session, so a few settle any race. */
const maxRounds = 5;
const hourMs = 3_600_000;

/**
 * Gives the user's open session, or makes one. Parallel calls get the same, because the key under which it is made
 * stays the same until it is over. Throws `already_subscribed`.
 */
export async function startCheckout(deps: CheckoutDeps, userId: number): Promise<CheckoutSession> {
  const user = await readUsage(deps.db, userId);
  if (user === null) throw signInRequired();
  if (user.tier === 'Pro') throw alreadySubscribed();
  return withCustomer(deps, user, (customer) => openSession(deps, userId, customer));
}

async function openSession(deps: CheckoutDeps, userId: number, customer: CustomerRow): Promise<CheckoutSession> {
  let row: CustomerRow | null = customer;
  for (let round = 0; row !== null && round < maxRounds; round++) {
    const session = await sessionOfRound(deps, userId, row);
    if (session !== null && isPayable(session)) return { url: session.url, session_id: session.id };
    if (session?.status === 'complete') await refusePaid(deps, userId, row.customerId);
    await endCheckoutRound(deps.db, userId, row.checkoutRound);
    row = await readCustomer(deps.db, userId);
  }
  throw new ProblemError('billing_unavailable', { reason: 'checkout', retryAfterMs: 5000 });
}

function isPayable(session: CheckoutFacts): session is CheckoutFacts & { url: string } {
  return session.status === 'open' && session.url !== null && session.expiresAt.getTime() > Date.now() + tooLateMs;
}

/** Paid perhaps, and the event still on its way: asks before the same is sold twice. */
async function refusePaid(deps: CheckoutDeps, userId: number, customerId: string): Promise<void> {
  const subscriptions = await deps.payments.readSubscriptions(customerId);
  if (standingOf(subscriptions ?? [], new Date()).tier === 'Basic') return;
  await syncNow(deps, userId, customerId);
  throw alreadySubscribed();
}

function alreadySubscribed(): ProblemError {
  return new ProblemError('already_subscribed');
}

/** Makes a call with the user's customer; once again with a new one when the vendor does not know it any more. */
export async function withCustomer<T>(
  deps: SyncDeps,
  user: UsageRow,
  call: (customer: CustomerRow) => Promise<T>,
): Promise<T> {
  const customer = await ensureCustomer(deps, user);
  try {
    return await call(customer);
  } catch (error) {
    if (!(error instanceof CustomerGone)) throw error;
    return call(await succeedCustomer(deps, user, customer.customerId));
  }
}

/** The user's customer, made at first need. Concurrent calls make one, because the vendor sees one key. */
async function ensureCustomer({ db, payments }: SyncDeps, user: UsageRow): Promise<CustomerRow> {
  const known = await readCustomer(db, user.id);
  if (known !== null) return known;
  // The moment of signup keeps installations apart that share a vendor account. A failure is bound to its key for a
  // day, so the hour goes in; should it turn between two calls, the second customer is never used.
  const hour = Math.floor(Date.now() / hourMs);
  const idempotencyKey = `pollux-customer-${user.id}-${user.createdAt.getTime()}-${hour}`;
  await addCustomer(db, user.id, await payments.createCustomer({ userId: user.id, idempotencyKey }));
  return (await readCustomer(db, user.id))!;
}

async function succeedCustomer({ db, jobs, payments }: SyncDeps, user: UsageRow, gone: string): Promise<CustomerRow> {
  const idempotencyKey = `pollux-customer-after-${gone}`;
  const next = await payments.createCustomer({ userId: user.id, idempotencyKey });
  await jobs.transaction([customerSync], async (tx, send) => {
    await replaceCustomer(tx, user.id, gone, next);
    await send(customerSync, { userId: user.id });
  });
  return (await readCustomer(db, user.id))!;
}

async function sessionOfRound(
  { db, payments, returnUrl }: CheckoutDeps,
  userId: number,
  { checkoutId, customerId, checkoutRound }: CustomerRow,
): Promise<CheckoutFacts | null> {
  if (checkoutId !== null) return payments.readCheckout(checkoutId);
  const idempotencyKey = `pollux-checkout-${customerId}-${checkoutRound}`;
  try {
    const session = await payments.createCheckout({ userId, customerId, returnUrl, idempotencyKey });
    await rememberCheckout(db, userId, checkoutRound, session.id);
    return session;
  } catch (error) {
    // The vendor keeps a failure with its key; the next click must come with another.
    if (error instanceof PaymentsUnavailable && error.isFinal) await endCheckoutRound(db, userId, checkoutRound);
    throw error;
  }
}
