/** The clock: everything that Stripe does automatically, in the order of due dates. */
import { change, secondsPerDay, type World } from '../world.ts';
import type { SubscriptionRecord } from '../records.ts';
import { expirePendingUpdate, resumeCollection } from './changes.ts';
import { intentOf, voidAndJudge } from './collection.ts';
import { renew, retry } from './renewal.ts';
import { expireSession } from './sessions.ts';
import { currentPeriod, endSubscription, hasEnded, notesOf } from './subscriptions.ts';

interface Due {
  readonly at: number;
  run(): void;
}

/** Moves the clock to `time` (epoch seconds), stopping at each event that falls due. Never moves back. */
export function advanceTo(world: World, time: number): void {
  for (let due = nextDue(world); due && due.at <= time; due = nextDue(world)) {
    world.moveClock(Math.max(0, due.at - world.now()));
    due.run();
  }
  world.moveClock(Math.max(0, time - world.now()));
}

function nextDue(world: World): Due | undefined {
  return allDue(world).reduce<Due | undefined>((first, due) => (first && first.at <= due.at ? first : due), undefined);
}

function allDue(world: World): Due[] {
  const sessions = [...world.tables['checkout.session'].values()]
    .filter((session) => session.status === 'open')
    .map((session) => ({ at: session.expires_at, run: () => expireSession(world, session) }));
  const subscriptions = [...world.tables.subscription.values()].filter((one) => !hasEnded(one));
  return [...sessions, ...subscriptions.flatMap((one) => dueOf(world, one))];
}

function dueOf(world: World, subscription: SubscriptionRecord): Due[] {
  const { status, trial_end, cancel_at, pause_collection, pending_update } = subscription;
  const due: Due[] = [];
  if (pending_update) {
    due.push({ at: pending_update.expires_at, run: () => expirePendingUpdate(world, subscription) });
  }
  if (status === 'incomplete') {
    const expiry = { at: subscription.created + 23 * 3600, run: () => expireIncomplete(world, subscription) };
    return isPending(world, subscription) ? due : [...due, expiry];
  }
  if (cancel_at !== null) {
    due.push({ at: cancel_at, run: () => endSubscription(world, subscription, 'cancellation_requested') });
  }
  if (status === 'paused') return due;
  if (status === 'trialing' && trial_end !== null && !notesOf(world, subscription).trialNoticeSent) {
    due.push({ at: trial_end - 3 * secondsPerDay, run: () => announceTrialEnd(world, subscription) });
  }
  if (pause_collection?.resumes_at) {
    due.push({ at: pause_collection.resumes_at, run: () => resumeCollection(world, subscription) });
  }
  due.push({ at: currentPeriod(subscription).end, run: () => renew(world, subscription) });
  return [...due, ...retriesOf(world, subscription)];
}

/** A bank debit may take longer than the 23 hours after which an incomplete subscription expires. */
function isPending(world: World, subscription: SubscriptionRecord): boolean {
  const invoice = world.tables.invoice.get(subscription.latest_invoice ?? '');
  return invoice !== undefined && intentOf(world, invoice)?.status === 'processing';
}

function retriesOf(world: World, subscription: SubscriptionRecord): Due[] {
  const invoice = subscription.latest_invoice ? world.tables.invoice.get(subscription.latest_invoice) : undefined;
  if (invoice?.status !== 'open' || invoice.next_payment_attempt === null) return [];
  return [{ at: invoice.next_payment_attempt, run: () => retry(world, subscription) }];
}

function announceTrialEnd(world: World, subscription: SubscriptionRecord): void {
  notesOf(world, subscription).trialNoticeSent = true;
  world.emit('customer.subscription.trial_will_end', subscription);
}

/** A subscription whose first invoice is not paid within 23 hours expires. */
function expireIncomplete(world: World, subscription: SubscriptionRecord): void {
  const invoice = world.tables.invoice.get(subscription.latest_invoice ?? '');
  if (invoice?.status === 'open') voidAndJudge(world, subscription, invoice);
  endSubscription(world, subscription, 'payment_failed');
  if (invoice) change(world, invoice, { auto_advance: false });
}
