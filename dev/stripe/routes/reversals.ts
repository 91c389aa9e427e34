/** `/v1/refunds` and `/v1/disputes`. */
import { chargeBehind, closeDispute, disputeNamed, refund, refundNamed } from '../model/reversals.ts';
import { missingParam } from '../wire/errors.ts';
import { inRange, listParams, matches, page } from '../wire/lists.ts';
import { integer, mergeMetadata, text, word } from '../wire/params.ts';
import type { Route } from '../wire/route.ts';
import { change } from '../world.ts';

const reasons = ['duplicate', 'fraudulent', 'requested_by_customer'] as const;

export const reversalRoutes: readonly Route[] = [
  {
    method: 'POST',
    path: '/v1/refunds',
    accepts: ['charge', 'payment_intent', 'amount', 'reason', 'metadata'],
    run: ({ world, params }) => {
      const id = text(params, 'charge') ?? text(params, 'payment_intent');
      if (id === undefined) throw missingParam('charge or payment_intent');
      return refund(world, chargeBehind(world, id), {
        amount: integer(params, 'amount'),
        reason: word(params, 'reason', reasons) ?? null,
        metadata: mergeMetadata(params, {}),
      });
    },
  },
  {
    method: 'GET',
    path: '/v1/refunds',
    accepts: [...listParams, 'charge', 'payment_intent', 'created'],
    run: ({ world, params }) => {
      const rows = [...world.tables.refund.values()].filter(
        (one) =>
          matches(params, 'charge', one.charge) &&
          matches(params, 'payment_intent', one.payment_intent) &&
          inRange(params, 'created', one.created),
      );
      return page(rows, params, '/v1/refunds');
    },
  },
  { method: 'GET', path: '/v1/refunds/:id', accepts: [], run: ({ world, id }) => refundNamed(world, id) },
  {
    method: 'POST',
    path: '/v1/refunds/:id',
    accepts: ['metadata'],
    run: ({ world, params, id }) => {
      const one = refundNamed(world, id);
      change(world, one, { metadata: mergeMetadata(params, one.metadata ?? {}) }, 'refund.updated');
      return one;
    },
  },
  {
    method: 'GET',
    path: '/v1/disputes',
    accepts: [...listParams, 'charge', 'payment_intent', 'created'],
    run: ({ world, params }) => {
      const rows = [...world.tables.dispute.values()].filter(
        (dispute) =>
          matches(params, 'charge', dispute.charge) &&
          matches(params, 'payment_intent', dispute.payment_intent) &&
          inRange(params, 'created', dispute.created),
      );
      return page(rows, params, '/v1/disputes');
    },
  },
  { method: 'GET', path: '/v1/disputes/:id', accepts: [], run: ({ world, id }) => disputeNamed(world, id) },
  {
    method: 'POST',
    path: '/v1/disputes/:id/close',
    accepts: [],
    run: ({ world, id }) => {
      const dispute = disputeNamed(world, id);
      closeDispute(world, dispute, 'lost');
      return dispute;
    },
  },
];
