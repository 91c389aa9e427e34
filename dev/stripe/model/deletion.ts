/** Deleting a customer: its running subscriptions end with it, its history stays readable. */
import type Stripe from 'stripe';
import type { World } from '../world.ts';
import { buryCustomer, liveCustomer } from './customers.ts';
import { endSubscription } from './subscriptions.ts';

export function deleteCustomer(world: World, id: string): Stripe.DeletedCustomer {
  const customer = liveCustomer(world, id, 'id');
  for (const subscription of world.tables.subscription.values()) {
    if (subscription.customer === id) endSubscription(world, subscription, 'cancellation_requested');
  }
  return buryCustomer(world, customer);
}
