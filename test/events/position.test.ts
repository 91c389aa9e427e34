/** A browser that reconnects repeats its first URL; the position in the header is newer. */
import { expect, it } from 'vitest';
import { openEventStream, signIn } from '../client.ts';
import { anyPlace, startProduct } from '../harness.ts';

it('Last-Event-ID overrides ?last_event_id=', async () => {
  await using place = await anyPlace();
  await using running = await startProduct(place);
  const user = await signIn(running.url);
  await using live = await user.events();
  for (const name of ['First', 'Second', 'Third']) await user.room(name);
  const named = async (name: string) =>
    (await live.next((event) => event.type === 'chatroom.created' && event.chatroom.name === name)).id;
  const [first, second, third] = [await named('First'), await named('Second'), await named('Third')];
  await using resumed = await openEventStream(`${running.url}/events?last_event_id=${first}`, {
    authorization: `Bearer ${user.tokens.access_token}`,
    'last-event-id': second,
  });
  await resumed.next((_event, id) => id === third);
  expect(resumed.received.map(({ id }) => id)).toEqual([third]);
});
