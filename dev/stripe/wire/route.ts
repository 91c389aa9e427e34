/** One operation of the API: method and path, parameters, handler. */
import type { Params } from './params.ts';
import type { World } from '../world.ts';

interface Call {
  readonly world: World;
  readonly params: Params;
  /** The id in the path; empty where there is none. */
  readonly id: string;
}

export interface Route {
  readonly method: 'GET' | 'POST' | 'DELETE';
  /** A path with `:id` for the id. */
  readonly path: string;
  /** Its parameters besides `expand`. */
  readonly accepts: readonly string[];
  /** Works at once, without awaiting, so that a request is atomic. Throws `ApiError`. */
  run(call: Call): object;
}

/** Finds the route of a request and the id in its path. */
export function routeFor(
  routes: readonly Route[],
  method: string,
  path: string,
): { route: Route; id: string } | undefined {
  for (const route of routes) {
    if (route.method !== method) continue;
    const [before = '', after] = route.path.split(':id');
    if (after === undefined ? path !== before : !(path.startsWith(before) && path.endsWith(after))) continue;
    const id = after === undefined ? '' : path.slice(before.length, path.length - after.length);
    if (after === undefined || (id !== '' && !id.includes('/'))) return { route, id: decodeURIComponent(id) };
  }
  return undefined;
}
