/** A browser that reconnects repeats its first URL; the position in the header is newer. */
import { expect } from 'vitest';
import { openEventStream } from '../client.ts';
import { productTest } from '../fixtures.ts';

const it = productTest();

it('Last-Event-ID overrides ?last_event_id=', async ({ url, user }) => {
  await using live = await user.events();
  for (const name of ['First', 'Second', 'Third']) await user.room(name);
  const named = async (name: string) =>
    (await live.next((event) => event.type === 'chatroom.created' && event.chatroom.name === name)).id;
  const [first, second, third] = [await named('First'), await named('Second'), await named('Third')];
  await using resumed = await openEventStream(`${url}/events?last_event_id=${first}`, {
    authorization: `Bearer ${user.tokens.access_token}`,
    'last-event-id': second,
  });
  await resumed.next((_event, id) => id === third);
  expect(resumed.received.map(({ id }) => id)).toEqual([third]);
});
