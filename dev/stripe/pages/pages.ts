/** The page for a path; undefined if it belongs to the API. */
import type { Lifecycle } from '../lifecycle.ts';
import type { Deliveries } from '../webhooks/delivery.ts';
import type { Answer } from '../wire/answer.ts';
import type { World } from '../world.ts';
import { checkoutPage } from './checkout.ts';
import { homePage } from './home.ts';
import type { PageRequest } from './layout.ts';
import { portalPage } from './portal.ts';

export async function pageFor(
  world: World,
  lifecycle: Lifecycle,
  deliveries: Deliveries,
  request: PageRequest,
): Promise<Answer | undefined> {
  const [, area, , id] = /^\/(c|p)\/(pay|session)\/(\w+)$/.exec(request.path) ?? [];
  if (area === 'c' && id) return checkoutPage(world, lifecycle, request, id);
  if (area === 'p' && id) return portalPage(world, lifecycle, request, id);
  if (request.path === '/') return homePage(world, lifecycle, deliveries, request);
  return undefined;
}
