/** `/v1/invoices` and `/v1/invoice_payments`: retrieve, list, pay, void, forgive. */
import { collect, forgive, reflect, voidAndJudge } from '../model/collection.ts';
import { refuseUnknownCustomer } from '../model/customers.ts';
import { finalizeInvoice, invoiceNamed } from '../model/invoices.ts';
import { notesOf, subscriptionNamed } from '../model/subscriptions.ts';
import type { InvoiceRecord, SubscriptionRecord } from '../records.ts';
import { ApiError, invalid, noSuch } from '../wire/errors.ts';
import { inRange, listParams, matches, page } from '../wire/lists.ts';
import { hash } from '../wire/params.ts';
import type { Route } from '../wire/route.ts';
import type { World } from '../world.ts';

function ownerOf(world: World, invoice: InvoiceRecord): SubscriptionRecord {
  return subscriptionNamed(world, invoice.parent.subscription_details.subscription);
}

/** Charges the customer's method; a decline is a 402, as for any card. */
function pay(world: World, invoice: InvoiceRecord): void {
  if (invoice.status === 'paid') throw invalid('Invoice is already paid', { code: 'invoice_already_paid' });
  if (invoice.status === 'void') throw invalid('A void invoice cannot be paid.');
  const subscription = ownerOf(world, invoice);
  const { outcome } = notesOf(world, subscription);
  collect(world, invoice, outcome);
  reflect(world, subscription, invoice);
  if (outcome !== 'fails') return;
  throw new ApiError(402, { type: 'card_error', code: 'card_declined', message: 'Your card was declined.' });
}

export const invoiceRoutes: readonly Route[] = [
  {
    method: 'GET',
    path: '/v1/invoices',
    accepts: [...listParams, 'customer', 'subscription', 'status', 'created'],
    run: ({ world, params }) => {
      refuseUnknownCustomer(world, params);
      const rows = [...world.tables.invoice.values()].filter(
        (invoice) =>
          matches(params, 'customer', invoice.customer) &&
          matches(params, 'subscription', invoice.parent.subscription_details.subscription) &&
          matches(params, 'status', invoice.status) &&
          inRange(params, 'created', invoice.created),
      );
      return page(rows, params, '/v1/invoices');
    },
  },
  { method: 'GET', path: '/v1/invoices/:id', accepts: [], run: ({ world, id }) => invoiceNamed(world, id) },
  {
    method: 'GET',
    path: '/v1/invoices/:id/lines',
    accepts: listParams,
    run: ({ world, params, id }) =>
      page(invoiceNamed(world, id).lines.data.toReversed(), params, `/v1/invoices/${id}/lines`),
  },
  {
    method: 'POST',
    path: '/v1/invoices/:id/finalize',
    accepts: ['auto_advance'],
    run: ({ world, id }) => {
      const invoice = invoiceNamed(world, id);
      if (invoice.status !== 'draft')
        throw invalid('This invoice is already finalized', { code: 'invoice_not_editable' });
      finalizeInvoice(world, invoice);
      return invoice;
    },
  },
  {
    method: 'POST',
    path: '/v1/invoices/:id/pay',
    accepts: ['payment_method', 'off_session'],
    run: ({ world, id }) => {
      const invoice = invoiceNamed(world, id);
      pay(world, invoice);
      return invoice;
    },
  },
  {
    method: 'POST',
    path: '/v1/invoices/:id/void',
    accepts: [],
    run: ({ world, id }) => {
      const invoice = invoiceNamed(world, id);
      voidAndJudge(world, ownerOf(world, invoice), invoice);
      return invoice;
    },
  },
  {
    method: 'POST',
    path: '/v1/invoices/:id/mark_uncollectible',
    accepts: [],
    run: ({ world, id }) => {
      const invoice = invoiceNamed(world, id);
      forgive(world, ownerOf(world, invoice), invoice);
      return invoice;
    },
  },
  {
    method: 'GET',
    path: '/v1/invoice_payments',
    accepts: [...listParams, 'invoice', 'payment', 'status', 'created'],
    run: ({ world, params }) => {
      const rows = [...world.tables.invoice_payment.values()].filter(
        (payment) =>
          matches(params, 'invoice', payment.invoice) &&
          matches(params, 'status', payment.status) &&
          matches(hash(params, 'payment'), 'payment_intent', payment.payment.payment_intent) &&
          inRange(params, 'created', payment.created),
      );
      return page(rows, params, '/v1/invoice_payments');
    },
  },
  {
    method: 'GET',
    path: '/v1/invoice_payments/:id',
    accepts: [],
    run: ({ world, id }) => {
      const payment = world.tables.invoice_payment.get(id);
      if (!payment) throw noSuch('invoice_payment', id, 'id');
      return payment;
    },
  },
];
