/** Links between the pages of a list. */
import fastify from 'fastify';
import { afterAll, describe, expect, it } from 'vitest';
import { linkPages, type PageLinks } from './page.ts';

let links: PageLinks = { next: null, prev: null };
const app = fastify();
app.get('/rooms/:id', async (request, reply) => {
  linkPages(request, reply, links);
  return [];
});
afterAll(() => app.close());

async function linkOf(url: string, of: PageLinks): Promise<unknown> {
  links = of;
  return (await app.inject({ url })).headers.link;
}

describe('the Link header', () => {
  it('is absent when there is one page', async () => {
    expect(await linkOf('/rooms/1', { next: null, prev: null })).toBeUndefined();
  });

  it('links both neighbours, keeps other parameters and drops the old cursor', async () => {
    const header = await linkOf('/rooms/1?limit=5&before=9&include=pending', {
      next: { after: 20 },
      prev: { before: 11 },
    });
    expect(header).toBe(
      '</rooms/1?limit=5&include=pending&after=20>; rel="next", </rooms/1?limit=5&include=pending&before=11>; rel="prev"',
    );
  });

  it('escapes values from the client', async () => {
    const header = await linkOf('/rooms/1?limit=5&x=%3E%3B%20rel%3D%22prev%22%0d%0aset-cookie:a', {
      next: { before: 3 },
      prev: null,
    });
    expect(header).toMatch(/^<[^<>\s"]+>; rel="next"$/);
  });
});
