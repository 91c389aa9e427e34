/** `POST /chatroom/{id}/message` across 200 Pro users, against Fastify that runs the same statement once. */
import type { Bed } from '../bed.ts';
import type { Line } from '../line.ts';
import { addPeople } from '../people.ts';
import { withClient } from '../postgres.ts';
import { bearer, compareRates, rateLine, rawRequest } from '../rates.ts';

const people = 200;
const body = { content: 'How does a tree know that spring has come?' };

export async function send(bed: Bed): Promise<Line[]> {
  const place = await bed.place('send');
  await using product = await bed.product('api', place);
  await using bare = await bed.bare('send', place);
  const senders = await addPeople(place.DATABASE_URL!, people);
  const sides = {
    ours: senders.map(({ token, roomId }) => rawRequest('POST', pathOf(roomId), bearer(token), body)),
    bare: senders.map(({ userId, roomId }) => rawRequest('POST', pathOf(roomId), { 'x-user': String(userId) }, body)),
  };
  /** Every turn begins with empty tables. They are locked in the order of a statement that may still be running. */
  const before = () =>
    withClient(
      place.DATABASE_URL!,
      async (client) => void (await client.query('truncate daily_usage, messages, replies cascade')),
    );
  const rates = await compareRates(bed, {
    ours: { server: product, requests: sides.ours, before },
    bare: { server: bare, requests: sides.bare, before },
  });
  return [rateLine('send', rates.ours, rates.bare, { least: 0.85 })];
}

function pathOf(roomId: number): string {
  return `/chatroom/${roomId}/message`;
}
