/** `/v1/payment_intents`, `/v1/charges` and `/v1/payment_methods`: retrieve and list. */
import { refuseUnknownCustomer } from '../model/customers.ts';
import { noSuch } from '../wire/errors.ts';
import { inRange, listParams, matches, page } from '../wire/lists.ts';
import type { Route } from '../wire/route.ts';

export const paymentRoutes: readonly Route[] = [
  {
    method: 'GET',
    path: '/v1/payment_intents',
    accepts: [...listParams, 'customer', 'created'],
    run: ({ world, params }) => {
      refuseUnknownCustomer(world, params);
      const rows = [...world.tables.payment_intent.values()].filter(
        (intent) => matches(params, 'customer', intent.customer) && inRange(params, 'created', intent.created),
      );
      return page(rows, params, '/v1/payment_intents');
    },
  },
  {
    method: 'GET',
    path: '/v1/payment_intents/:id',
    accepts: ['client_secret'],
    run: ({ world, id }) => {
      const intent = world.tables.payment_intent.get(id);
      if (!intent) throw noSuch('payment_intent', id, 'id');
      return intent;
    },
  },
  {
    method: 'GET',
    path: '/v1/charges',
    accepts: [...listParams, 'customer', 'payment_intent', 'created'],
    run: ({ world, params }) => {
      refuseUnknownCustomer(world, params);
      const rows = [...world.tables.charge.values()].filter(
        (charge) =>
          matches(params, 'customer', charge.customer) &&
          matches(params, 'payment_intent', charge.payment_intent) &&
          inRange(params, 'created', charge.created),
      );
      return page(rows, params, '/v1/charges');
    },
  },
  {
    method: 'GET',
    path: '/v1/charges/:id',
    accepts: [],
    run: ({ world, id }) => {
      const charge = world.tables.charge.get(id);
      if (!charge) throw noSuch('charge', id, 'id');
      return charge;
    },
  },
  {
    method: 'GET',
    path: '/v1/payment_methods/:id',
    accepts: [],
    run: ({ world, id }) => {
      const method = world.tables.payment_method.get(id);
      if (!method) throw noSuch('PaymentMethod', id, 'id');
      return method;
    },
  },
];
