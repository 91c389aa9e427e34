/** `GET /chatroom` from the cache, against Fastify that returns the same text to anybody. */
import type { Bed } from '../bed.ts';
import type { Line } from '../line.ts';
import { ratios } from '../measure.ts';
import { addPeople } from '../people.ts';
import { bearer, compareRates, rateLine, rateOf, rawRequest } from '../rates.ts';

const people = 50;
const roomsEach = 10;

export async function rooms(bed: Bed): Promise<Line[]> {
  const place = await bed.place('rooms');
  await using product = await bed.product('api', place);
  await using logging = await bed.product('api', { ...place, LOG_LEVEL: 'info' });
  const owners = await addPeople(place.DATABASE_URL!, people, { rooms: roomsEach });
  const requests = owners.map(({ token }) => rawRequest('GET', '/chatroom', bearer(token)));
  const list = await fetch(`${product.url}/chatroom`, { headers: bearer(owners[0]!.token) });
  await using bare = await bed.bare('rooms', { BODY: await list.text() });

  const rates = await compareRates(bed, {
    ours: { server: product, requests },
    bare: { server: bare, requests },
    logging: { server: logging, requests },
  });
  const log = ratios(rates.logging.map(rateOf), rates.ours.map(rateOf));
  return [
    rateLine('rooms', rates.ours, rates.bare, {
      least: 0.8,
      note: `Without the line a request that LOG_LEVEL=info writes; with it the rate is ${log.median.toFixed(2)} of this.`,
    }),
  ];
}
