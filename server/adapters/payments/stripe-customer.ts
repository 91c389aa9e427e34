/** Finds the customer of a Stripe object, for events that do not name one. */
import type Stripe from 'stripe';
import { isMissing } from './stripe-errors.ts';

type Reference = string | { readonly id: string } | null | undefined;

/** The id of an object that may be expanded. */
export function idOf(reference: Reference): string | null {
  if (reference === null || reference === undefined) return null;
  return typeof reference === 'string' ? reference : reference.id;
}

/** Null if the object is deleted, has no customer, or its type is not supported. */
export async function customerOf(stripe: Stripe, object: { type: string; id: string }): Promise<string | null> {
  try {
    return await lookUp(stripe, object);
  } catch (error) {
    if (isMissing(error)) return null;
    throw error;
  }
}

async function lookUp(stripe: Stripe, { type, id }: { type: string; id: string }): Promise<string | null> {
  switch (type) {
    case 'customer':
      return id;
    case 'subscription':
      return idOf((await stripe.subscriptions.retrieve(id)).customer);
    case 'invoice':
      return idOf((await stripe.invoices.retrieve(id)).customer);
    case 'checkout.session':
      return idOf((await stripe.checkout.sessions.retrieve(id)).customer);
    case 'charge':
      return idOf((await stripe.charges.retrieve(id)).customer);
    case 'refund':
      return ofCharge(stripe, (await stripe.refunds.retrieve(id)).charge);
    case 'dispute':
      return ofCharge(stripe, (await stripe.disputes.retrieve(id)).charge);
    default:
      return null;
  }
}

async function ofCharge(stripe: Stripe, charge: Reference): Promise<string | null> {
  const id = idOf(charge);
  return id === null ? null : idOf((await stripe.charges.retrieve(id)).customer);
}

/**
 * Cancels what can still be charged, without proration or a final invoice, and deletes the customer with its payment methods.
 * An open Checkout session cannot be paid then. Stripe keeps invoices and payments.
 */
export async function deleteCustomer(stripe: Stripe, customer: string): Promise<void> {
  const unlessMissing = (error: unknown) => {
    if (!isMissing(error)) throw error;
  };
  const open = await Array.fromAsync(stripe.subscriptions.list({ customer, limit: 100 })).catch(unlessMissing);
  for (const { id } of open ?? []) await stripe.subscriptions.cancel(id).catch(unlessMissing);
  await stripe.customers.del(customer).catch(unlessMissing);
}
