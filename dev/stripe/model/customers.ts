/** Customers: created, found, and the reduced object of a deleted one. */
import type Stripe from 'stripe';
import { noSuch } from '../wire/errors.ts';
import { text, type Params } from '../wire/params.ts';
import { change, type World } from '../world.ts';
import type { CustomerRecord } from '../records.ts';

export function makeCustomer(
  world: World,
  fields: Partial<
    Pick<CustomerRecord, 'email' | 'name' | 'phone' | 'description' | 'metadata' | 'preferred_locales'>
  > = {},
): CustomerRecord {
  const id = world.newId('cus');
  const customer: CustomerRecord = {
    id,
    object: 'customer',
    address: null,
    balance: 0,
    created: world.now(),
    currency: null,
    customer_account: null,
    default_source: null,
    delinquent: false,
    description: null,
    discount: null,
    email: null,
    invoice_prefix: id.slice(-8).toUpperCase(),
    invoice_settings: { custom_fields: null, default_payment_method: null, footer: null, rendering_options: null },
    livemode: false,
    metadata: {},
    name: null,
    next_invoice_sequence: 1,
    phone: null,
    preferred_locales: [],
    shipping: null,
    tax_exempt: 'none',
    test_clock: null,
    ...fields,
  };
  world.tables.customer.set(id, customer);
  world.emit('customer.created', customer);
  return customer;
}

/** Finds a customer that has not been deleted. `param` is the parameter that named it, for the error. */
export function liveCustomer(world: World, id: string, param: string): CustomerRecord {
  const customer = world.tables.customer.get(id);
  if (!customer || isDeleted(customer)) throw noSuch('customer', id, param);
  return customer;
}

/** Lists accept the id of a deleted customer, but not an unknown one. */
export function refuseUnknownCustomer(world: World, params: Params): void {
  const id = text(params, 'customer');
  if (id !== undefined && !world.tables.customer.has(id)) throw noSuch('customer', id, 'customer');
}

export function isDeleted(customer: CustomerRecord | Stripe.DeletedCustomer): customer is Stripe.DeletedCustomer {
  return customer.deleted === true;
}

/** Replaces the customer by its tombstone; the event carries the customer as it was. */
export function buryCustomer(world: World, customer: CustomerRecord): Stripe.DeletedCustomer {
  const tombstone = { id: customer.id, object: 'customer', deleted: true } as const;
  world.tables.customer.set(customer.id, tombstone);
  world.emit('customer.deleted', customer);
  return tombstone;
}

/** Stripe marks a customer whose latest invoice could not be collected. */
export function markDelinquent(world: World, id: string, delinquent: boolean): void {
  const customer = world.tables.customer.get(id);
  if (customer && !isDeleted(customer)) change(world, customer, { delinquent }, 'customer.updated');
}
