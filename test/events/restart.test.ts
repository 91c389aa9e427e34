/** The embedded feed is in memory: after a restart clients get feed.reset, and continue. */
import { expect, it } from 'vitest';
import { signIn } from '../client.ts';
import { startFakeGemini } from '../fakes/gemini.ts';
import { askAt, embeddedPlace, startProduct } from '../harness.ts';

it('answers a position from before a restart with feed.reset, then continues', { timeout: 120_000 }, async () => {
  await using fake = await startFakeGemini();
  await using place = await embeddedPlace();
  const start = () => startProduct(place, { environment: askAt(fake) });
  let position: string;
  let user;
  {
    await using before = await start();
    user = await signIn(before.url);
    await using live = await user.events();
    await user.room('Kept');
    position = (await live.next((event) => event.type === 'chatroom.created')).id;
  }
  await using after = await start();
  const { url } = after;
  await using live = await user.events({ after: position, url });
  const reset = await live.next(() => true);
  expect(reset.event.type).toBe('feed.reset');
  const { body: rooms } = await user.call('GET', '/chatroom', { url });
  expect(rooms).toMatchObject([{ name: 'Kept' }]);
  await user.call('PATCH', `/chatroom/${rooms[0].id}`, { body: { name: 'Renamed' }, url });
  const renamed = await live.next((event) => event.type === 'chatroom.updated');
  await using resumed = await user.events({ after: reset.id, url });
  expect(await resumed.next(() => true)).toEqual(renamed);
});
