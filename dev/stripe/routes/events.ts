/** `/v1/events`, and `/v2/core/events/{id}` for their thin form. */
import { ApiError, noSuch } from '../wire/errors.ts';
import { inRange, listParams, matches, page } from '../wire/lists.ts';
import { flag, list } from '../wire/params.ts';
import type { Route } from '../wire/route.ts';
import { snapshotId, thinOf } from '../webhooks/thin.ts';

export const eventRoutes: readonly Route[] = [
  {
    method: 'GET',
    path: '/v1/events',
    accepts: [...listParams, 'type', 'types', 'created', 'delivery_success'],
    run: ({ world, params }) => {
      const types = list(params, 'types');
      const delivered = flag(params, 'delivery_success');
      const rows = [...world.tables.event.values()].filter(
        (event) =>
          matches(params, 'type', event.type) &&
          (types.length === 0 || types.includes(event.type)) &&
          (delivered === undefined || delivered === (event.pending_webhooks === 0)) &&
          inRange(params, 'created', event.created),
      );
      return page(rows, params, '/v1/events');
    },
  },
  {
    method: 'GET',
    path: '/v1/events/:id',
    accepts: [],
    run: ({ world, id }) => {
      const event = world.tables.event.get(id);
      if (!event) throw noSuch('event', id, 'id');
      return event;
    },
  },
  {
    method: 'GET',
    path: '/v2/core/events/:id',
    accepts: [],
    run: ({ world, id }) => {
      const event = world.tables.event.get(snapshotId(id));
      const thin = event && thinOf(event);
      if (thin) return thin;
      throw new ApiError(404, { type: 'invalid_request_error', code: 'not_found', message: `Event ${id} not found.` });
    },
  },
];
