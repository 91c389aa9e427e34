/** Buying a plan: one customer per user, one open Checkout session per customer. */
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
  /** Stripe's return URL, without a query. */
  readonly returnUrl: string;
}

/** A session that expires sooner is not returned again. */
const tooLateMs = 60_000;
/** Each round ends at most one session, so a few resolve any race. */
const maxRounds = 8;
const hourMs = 3_600_000;

/**
 * Returns the user's open session, or creates one. Concurrent calls get the same session, because the idempotency key is the same
 * until it ends. Throws `already_subscribed`.
 */
export async function startCheckout(deps: CheckoutDeps, userId: number, priceId: string): Promise<CheckoutSession> {
  const user = await readUsage(deps.db, userId);
  if (user === null) throw signInRequired();
  // Between plans that are sold people move in the portal.
  if (user.tier !== deps.plans.free.id) throw alreadySubscribed();
  return withCustomer(deps, user, (customer) => openSession(deps, userId, customer, priceId));
}

async function openSession(
  deps: CheckoutDeps,
  userId: number,
  customer: CustomerRow,
  priceId: string,
): Promise<CheckoutSession> {
  let row: CustomerRow | null = customer;
  for (let round = 0; row !== null && round < maxRounds; round++) {
    const session = await sessionOfRound(deps, userId, row, priceId);
    if (session === 'lost') {
      row = await readCustomer(deps.db, userId);
      continue;
    }
    const isAsked = session !== null && (session.priceId ?? priceId) === priceId;
    if (session !== null && isAsked && isPayable(session)) return { url: session.url, session_id: session.id };
    const ended = session?.status === 'open' && !isAsked ? await endCheckout(deps, session.id) : session;
    if (ended?.status === 'complete') await refusePaid(deps, userId, row.customerId);
    await endCheckoutRound(deps.db, userId, row.checkoutRound);
    row = await readCustomer(deps.db, userId);
  }
  throw new ProblemError('billing_unavailable', { reason: 'checkout', retryAfterMs: 5000 });
}

/** Of two open sessions both could be paid. Returns what became of it: it may be paid at this moment. */
async function endCheckout({ payments }: CheckoutDeps, id: string): Promise<CheckoutFacts | null> {
  await payments.expireCheckout(id);
  return payments.readCheckout(id);
}

function isPayable(session: CheckoutFacts): session is CheckoutFacts & { url: string } {
  return session.status === 'open' && session.url !== null && session.expiresAt.getTime() > Date.now() + tooLateMs;
}

/** The session may be paid and its event pending: asks Stripe, so that nothing is sold twice. */
async function refusePaid(deps: CheckoutDeps, userId: number, customerId: string): Promise<void> {
  const subscriptions = await deps.payments.readSubscriptions(customerId);
  const { plans } = deps;
  if (standingOf(subscriptions ?? [], new Date(), plans).tier === plans.free.id) return;
  await syncNow(deps, userId, customerId);
  throw alreadySubscribed();
}

function alreadySubscribed(): ProblemError {
  return new ProblemError('already_subscribed');
}

/** Makes a call with the user's customer; retries with a new one if the vendor has deleted it. */
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
    return call(await createSuccessor(deps, user, customer.customerId));
  }
}

/** The user's customer, created at first use. Concurrent calls create one, because they use one idempotency key. */
async function ensureCustomer({ db, payments }: SyncDeps, user: UsageRow): Promise<CustomerRow> {
  const known = await readCustomer(db, user.id);
  if (known !== null) return known;
  // The time of signup separates installations that share a vendor account. The vendor repeats a failure for its key for a
  // day, so the key has the hour; if that changes between two calls, the second customer is never used.
  const hour = Math.floor(Date.now() / hourMs);
  const idempotencyKey = `pollux-customer-${user.id}-${user.createdAt.getTime()}-${hour}`;
  await addCustomer(db, user.id, await payments.createCustomer({ userId: user.id, idempotencyKey }));
  return (await readCustomer(db, user.id))!;
}

async function createSuccessor({ db, jobs, payments }: SyncDeps, user: UsageRow, gone: string): Promise<CustomerRow> {
  const idempotencyKey = `pollux-customer-after-${gone}`;
  const next = await payments.createCustomer({ userId: user.id, idempotencyKey });
  await jobs.transaction([customerSync], async (tx, send) => {
    await replaceCustomer(tx, user.id, gone, next);
    await send(customerSync, { userId: user.id });
  });
  return (await readCustomer(db, user.id))!;
}

/** `lost`: the round has a session for another price, or is over, so that the one made here was ended. */
async function sessionOfRound(
  { db, payments, returnUrl }: CheckoutDeps,
  userId: number,
  { checkoutId, customerId, checkoutRound }: CustomerRow,
  priceId: string,
): Promise<CheckoutFacts | 'lost' | null> {
  if (checkoutId !== null) return payments.readCheckout(checkoutId);
  const idempotencyKey = `pollux-checkout-${customerId}-${checkoutRound}-${priceId}`;
  try {
    const session = await payments.createCheckout({ userId, customerId, priceId, returnUrl, idempotencyKey });
    if (await rememberCheckout(db, userId, checkoutRound, session.id)) return session;
    await payments.expireCheckout(session.id);
    return 'lost';
  } catch (error) {
    // The vendor repeats a failure for its key, so the next click must use another.
    if (error instanceof PaymentsUnavailable && error.isFinal) await endCheckoutRound(db, userId, checkoutRound);
    throw error;
  }
}
