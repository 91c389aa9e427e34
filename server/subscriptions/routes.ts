/** HTTP for plans, checkout and the webhook. */
import type { Logger } from 'pino';
import { listPlans, type Price } from '../../contract/plans.ts';
import * as contract from '../../contract/subscriptions.ts';
import { signInRequired } from '../accounts/authenticate.ts';
import type { Plan } from '../config/catalog.ts';
import type { Serve } from '../http/serve.ts';
import type { Database } from '../ports/database.ts';
import {
  InvalidSignature,
  PaymentsUnavailable,
  type PaymentEvent,
  type Payments,
  type PriceFacts,
} from '../ports/payments.ts';
import { ProblemError } from '../problems/problem.ts';
import { presentBudget, quotaOf, remaining } from '../plans/quota.ts';
import { readUsage } from '../plans/store.ts';
import { startCheckout, withCustomer, type CheckoutDeps } from './checkout.ts';
import { noteEvent } from './event-store.ts';
import { relevantEvents } from './event-types.ts';
import { eventReceived } from './job-kinds.ts';
import { priceList } from './prices.ts';
import { readStanding } from './store.ts';
import { soldAsPro } from './tier.ts';

export interface SubscriptionDeps extends Omit<CheckoutDeps, 'payments'> {
  readonly db: Database;
  /** Null while billing is not configured. */
  readonly payments: Payments | null;
  readonly log: Logger;
}

export function serveSubscriptions(serve: Serve, deps: SubscriptionDeps): void {
  const { db, plans } = deps;
  const soldPrices = () => plans.all.flatMap(({ stripePrices }) => stripePrices);
  const prices = priceList(deps.payments, soldPrices, deps.log);

  serve(listPlans, async () => {
    const known = await prices.read();
    return plans.all.map((plan) => ({
      id: plan.id,
      daily_limit: plan.dailyMessages,
      replies_at_once: plan.repliesAtOnce,
      models: [...plan.models],
      prices: plan.stripePrices.flatMap((id) => presentPrice(known.get(id))),
    }));
  });

  serve(contract.subscribePro, async ({ caller }) => {
    const payments = configured(deps.payments);
    const [priceId] = soldAsPro(plans)?.stripePrices ?? [];
    if (priceId === undefined) throw new ProblemError('billing_not_configured');
    return reachable(() => startCheckout({ ...deps, payments }, caller.userId, priceId));
  });

  serve(contract.startCheckout, async ({ caller, body }) => {
    const payments = configured(deps.payments);
    const plan = plans.all.find(({ id }) => id === body.plan);
    const [first] = plan?.stripePrices ?? [];
    if (plan === undefined || first === undefined) throw invalid('/plan', 'plan-sold');
    const priceId = body.interval === undefined ? first : await priceFor(plan, body.interval);
    return reachable(() => startCheckout({ ...deps, payments }, caller.userId, priceId));
  });

  async function priceFor({ stripePrices }: Plan, interval: PriceFacts['interval']): Promise<string> {
    const known = await prices.read();
    if (known.size === 0) throw new ProblemError('billing_unavailable', { retryAfterMs: 5000 });
    const found = stripePrices.find((id) => known.get(id)?.interval === interval);
    if (found === undefined) throw invalid('/interval', 'interval');
    return found;
  }

  serve(contract.openPortal, async ({ caller }) => {
    const payments = configured(deps.payments);
    const user = await readUsage(db, caller.userId);
    if (user === null) throw signInRequired();
    return reachable(() =>
      withCustomer({ ...deps, payments }, user, async ({ customerId }) => ({
        url: await payments.createPortal({ customerId, returnUrl: deps.returnUrl }),
      })),
    );
  });

  serve(contract.readSubscription, async ({ caller }) => {
    const [user, standing] = await Promise.all([readUsage(db, caller.userId), readStanding(db, caller.userId)]);
    if (user === null) throw signInRequired();
    const quota = quotaOf(user, user.usedToday, plans);
    return {
      tier: user.tier,
      status: standing?.status ?? 'none',
      daily_limit: quota.limit,
      messages_used_today: quota.used,
      remaining_today: remaining(quota),
      resets_at: quota.resetsAt.toISOString(),
      last_reset_date: new Date(quota.resetsAt.getTime() - dayMs).toISOString().slice(0, 10),
      current_period_end: standing?.currentPeriodEnd?.toISOString() ?? null,
      cancel_at_period_end: standing?.cancelAtPeriodEnd ?? false,
      budget: presentBudget(quota),
    };
  });

  // Answers once the event is recorded; a worker applies it.
  serve(contract.receiveWebhook, async ({ body, request }) => {
    const signature = request.headers['stripe-signature'];
    const event = await verifyEvent(
      configured(deps.payments),
      body,
      typeof signature === 'string' ? signature : undefined,
    );
    await (relevantEvents.has(event.type) ? receiveEvent(deps, event) : noteEvent(db, event, 'ignored'));
    return { status: 'received' as const };
  });
}

const dayMs = 24 * 3_600_000;

function invalid(pointer: string, sentence: string): ProblemError {
  return new ProblemError('validation_failed', { errors: [{ pointer, sentence }] });
}

function presentPrice(price: PriceFacts | undefined): Price[] {
  if (price === undefined) return [];
  const { intervalCount, ...rest } = price;
  return [{ ...rest, interval_count: intervalCount }];
}

/** Records an event that may change a plan, and sends its job. */
async function receiveEvent({ jobs }: Pick<SubscriptionDeps, 'jobs'>, event: PaymentEvent): Promise<void> {
  await jobs.transaction([eventReceived], async (tx, send) => {
    const eventRowId = await noteEvent(tx, event, 'received');
    if (eventRowId !== null) await send(eventReceived, { eventRowId });
  });
}

async function verifyEvent(payments: Payments, body: Uint8Array, signature: string | undefined) {
  try {
    return await payments.readEvent(body, signature);
  } catch (error) {
    if (error instanceof InvalidSignature) {
      throw new ProblemError('invalid_signature');
    }
    throw error;
  }
}

/** Throws `billing_not_configured`. */
function configured(payments: Payments | null): Payments {
  if (payments === null) throw new ProblemError('billing_not_configured');
  return payments;
}

/** Throws `billing_unavailable`. */
async function reachable<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof PaymentsUnavailable)) throw error;
    throw new ProblemError('billing_unavailable', { retryAfterMs: 5000 });
  }
}
