/** A feed ends with the access token that opened it. */
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { clientOf, openEventStream, signIn } from '../client.ts';
import { tokenLike } from '../contract/world.ts';
import { embeddedPlace, startProduct, type RunningProduct } from '../harness.ts';

/** Longer than the time between two looks at the clock, and two pings. */
const aWhileMs = 15_000;

const cleanUp = new AsyncDisposableStack();
let running: RunningProduct;
beforeAll(async () => {
  const place = cleanUp.use(await embeddedPlace());
  // Only intervals: pings then come when the test says so, and all else goes by the clock.
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
  running = cleanUp.use(await startProduct(place));
});
afterAll(async () => {
  await cleanUp.disposeAsync();
  vi.useRealTimers();
});

it('closes once it has ended, while feeds of longer tokens stay open', async () => {
  const user = await signIn(running.url);
  const access_token = await tokenLike(user, 2);
  const short = clientOf(running.url, user.number, { ...user.tokens, access_token });
  await using ending = await short.events();
  await using lasting = await user.events();
  let ended = false;
  void ending.ended.then(() => (ended = true));
  await vi.advanceTimersByTimeAsync(aWhileMs);
  await user.room('Both hear of it');
  for (const stream of [ending, lasting]) await stream.next((event) => event.type === 'chatroom.created');
  expect(ended).toBe(false);
  await expect.poll(async () => (await short.call('GET', '/user/me')).status, { timeout: 5000 }).toBe(401);
  await vi.advanceTimersByTimeAsync(aWhileMs);
  await ending.ended;
  await user.room('Only one hears of it');
  await lasting.next((event) => event.type === 'chatroom.created' && event.chatroom.name === 'Only one hears of it');
});

it('cannot be opened with a token that has ended', async () => {
  const user = await signIn(running.url);
  const authorization = `Bearer ${await tokenLike(user, -1)}`;
  await expect(openEventStream(`${running.url}/events`, { authorization })).rejects.toThrow(/401/);
});
