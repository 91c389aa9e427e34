/** `Link` headers between the pages of a list (RFC 8288). */
import type { FastifyReply, FastifyRequest } from 'fastify';

type Cursor =
  | { readonly before: number; readonly on_path?: true }
  | { readonly after: number }
  | { readonly cursor: string };

/** Cursors of the neighbouring pages; null if there is none. */
export interface PageLinks {
  readonly next: Cursor | null;
  readonly prev: Cursor | null;
}

/** Sets the `Link` header, keeping the other query parameters of the request. */
export function linkPages(request: FastifyRequest, reply: FastifyReply, links: PageLinks): void {
  const [path = '/', search = ''] = request.url.split('?', 2);
  const header = (['next', 'prev'] as const).flatMap((relation) => {
    const cursor = links[relation];
    if (cursor === null) return [];
    const query = new URLSearchParams(search);
    for (const name of ['before', 'on_path', 'after', 'cursor']) query.delete(name);
    for (const [name, value] of Object.entries(cursor)) query.set(name, String(value));
    return [`<${path}?${query.toString()}>; rel="${relation}"`];
  });
  if (header.length > 0) reply.header('link', header.join(', '));
}
