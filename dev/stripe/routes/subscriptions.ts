/** `/v1/subscriptions`: retrieve, list, update, cancel, pause, resume. */
import {
  beginPendingUpdate,
  cancelAtPeriodEnd,
  changePrice,
  keepRunning,
  pause,
  pauseCollection,
  refuseEnded,
  resumeCollection,
  unpause,
} from '../model/changes.ts';
import { refuseUnknownCustomer } from '../model/customers.ts';
import { renew } from '../model/renewal.ts';
import { currentPeriod, endSubscription, hasEnded, notesOf, subscriptionNamed } from '../model/subscriptions.ts';
import type { SubscriptionRecord } from '../records.ts';
import { invalid, noSuch } from '../wire/errors.ts';
import { inRange, listParams, matches, page } from '../wire/lists.ts';
import { flag, hash, integer, list, mergeMetadata, requiredText, text, word, type Params } from '../wire/params.ts';
import type { Route } from '../wire/route.ts';
import { change, type World } from '../world.ts';

const statuses = [
  'active',
  'all',
  'canceled',
  'ended',
  'incomplete',
  'incomplete_expired',
  'past_due',
  'paused',
  'trialing',
  'unpaid',
] as const;

function hasStatus(params: Params, subscription: SubscriptionRecord): boolean {
  const wanted = word(params, 'status', statuses);
  if (wanted === 'all') return true;
  if (wanted === 'ended') return hasEnded(subscription);
  return wanted === undefined ? subscription.status !== 'canceled' : subscription.status === wanted;
}

function update(world: World, subscription: SubscriptionRecord, params: Params): void {
  const harmless = ['metadata', 'cancellation_details', 'expand'];
  if (Object.keys(params).some((name) => !harmless.includes(name))) refuseEnded(subscription);
  const scheduled = flag(params, 'cancel_at_period_end');
  if (scheduled === true) cancelAtPeriodEnd(world, subscription, 'flag');
  if (scheduled === false) keepRunning(world, subscription);
  updateCancelAt(world, subscription, params);
  updatePause(world, subscription, params);
  updateItems(world, subscription, params);
  if (params.trial_end === 'now') renew(world, subscription);
  const patch: Partial<SubscriptionRecord> = {
    metadata: mergeMetadata(params, subscription.metadata),
    default_payment_method: text(params, 'default_payment_method') ?? subscription.default_payment_method,
    description: text(params, 'description') ?? subscription.description,
  };
  change(world, subscription, patch, 'customer.subscription.updated');
}

function updateCancelAt(world: World, subscription: SubscriptionRecord, params: Params): void {
  if (!('cancel_at' in params)) return;
  if (params.cancel_at === '') return keepRunning(world, subscription);
  cancelAtPeriodEnd(world, subscription, 'date');
  const isWord = ['min_period_end', 'max_period_end', 'max_billed_until'].includes(text(params, 'cancel_at') ?? '');
  if (!isWord) change(world, subscription, { cancel_at: integer(params, 'cancel_at') ?? null });
}

function updatePause(world: World, subscription: SubscriptionRecord, params: Params): void {
  if (!('pause_collection' in params)) return;
  if (params.pause_collection === '') return resumeCollection(world, subscription);
  const wanted = hash(params, 'pause_collection');
  const behavior = word(wanted, 'behavior', ['keep_as_draft', 'mark_uncollectible', 'void']);
  if (!behavior) throw invalid('Missing required param: pause_collection[behavior].', { code: 'parameter_missing' });
  pauseCollection(world, subscription, behavior, integer(wanted, 'resumes_at') ?? null);
}

function updateItems(world: World, subscription: SubscriptionRecord, params: Params): void {
  const [item] = list(params, 'items');
  if (item === undefined || typeof item === 'string' || Array.isArray(item)) return;
  const price = requiredText(item, 'price');
  const mustBePaid = text(params, 'payment_behavior') === 'pending_if_incomplete';
  const isPaid = notesOf(world, subscription).outcome === 'succeeds';
  if (mustBePaid && !isPaid) beginPendingUpdate(world, subscription, price);
  else changePrice(world, subscription, price);
}

export const subscriptionRoutes: readonly Route[] = [
  {
    method: 'GET',
    path: '/v1/subscriptions',
    accepts: [...listParams, 'customer', 'status', 'price', 'created', 'current_period_end'],
    run: ({ world, params }) => {
      refuseUnknownCustomer(world, params);
      const price = text(params, 'price');
      const rows = [...world.tables.subscription.values()].filter(
        (one) =>
          hasStatus(params, one) &&
          matches(params, 'customer', one.customer) &&
          (price === undefined || one.items.data.some((item) => item.price.id === price)) &&
          inRange(params, 'created', one.created) &&
          inRange(params, 'current_period_end', currentPeriod(one).end),
      );
      return page(rows, params, '/v1/subscriptions');
    },
  },
  {
    method: 'GET',
    path: '/v1/subscriptions/:id',
    accepts: [],
    run: ({ world, id }) => subscriptionNamed(world, id),
  },
  {
    method: 'POST',
    path: '/v1/subscriptions/:id',
    accepts: [
      'cancel_at',
      'cancel_at_period_end',
      'cancellation_details',
      'default_payment_method',
      'description',
      'items',
      'metadata',
      'pause_collection',
      'payment_behavior',
      'proration_behavior',
      'trial_end',
    ],
    run: ({ world, params, id }) => {
      const subscription = subscriptionNamed(world, id);
      update(world, subscription, params);
      return subscription;
    },
  },
  {
    method: 'DELETE',
    path: '/v1/subscriptions/:id',
    accepts: ['cancellation_details', 'invoice_now', 'prorate'],
    run: ({ world, id }) => {
      const subscription = subscriptionNamed(world, id);
      if (hasEnded(subscription)) throw noSuch('subscription', id, 'id');
      endSubscription(world, subscription, 'cancellation_requested');
      return subscription;
    },
  },
  {
    method: 'POST',
    path: '/v1/subscriptions/:id/pause',
    accepts: ['type', 'bill_for', 'invoicing_behavior'],
    run: ({ world, id }) => {
      const subscription = subscriptionNamed(world, id);
      pause(world, subscription);
      return subscription;
    },
  },
  {
    method: 'POST',
    path: '/v1/subscriptions/:id/resume',
    accepts: ['billing_cycle_anchor', 'payment_behavior', 'proration_behavior'],
    run: ({ world, id }) => {
      const subscription = subscriptionNamed(world, id);
      unpause(world, subscription, notesOf(world, subscription).outcome);
      return subscription;
    },
  },
];
