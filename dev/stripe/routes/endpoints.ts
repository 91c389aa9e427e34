/** `/v1/webhook_endpoints`: list. */
import { listParams, page } from '../wire/lists.ts';
import type { Route } from '../wire/route.ts';

export const endpointRoutes: readonly Route[] = [
  {
    method: 'GET',
    path: '/v1/webhook_endpoints',
    accepts: listParams,
    run: ({ world, params }) => page([...world.tables.webhook_endpoint.values()], params, '/v1/webhook_endpoints'),
  },
];
