/** A feed ends when the access token that opened it expires. */
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { clientOf, openEventStream, signIn } from '../client.ts';
import { tokenLike } from '../contract/world.ts';
import { embeddedPlace, startProduct, type RunningProduct } from '../harness.ts';

/** Longer than the interval of expiry checks, and than two pings. */
const aWhileMs = 15_000;

const cleanUp = new AsyncDisposableStack();
let running: RunningProduct;
beforeAll(async () => {
  const place = cleanUp.use(await embeddedPlace());
  // The test controls pings and the expiry of tokens; its time limits use the real clock.
  vi.useFakeTimers({ toFake: ['Date', 'setInterval', 'clearInterval'], now: Date.now() });
  running = cleanUp.use(await startProduct(place));
});
afterAll(async () => {
  await cleanUp.disposeAsync();
  vi.useRealTimers();
});

it('closes when it expires, while feeds of other tokens stay open', async () => {
  const user = await signIn(running.url);
  const access_token = await tokenLike(user, (aWhileMs * 1.5) / 1000);
  const short = clientOf(running.url, user.number, { ...user.tokens, access_token });
  await using ending = await short.events();
  await using lasting = await user.events();
  vi.advanceTimersByTime(aWhileMs);
  await user.room('Both hear of it');
  for (const stream of [ending, lasting]) await stream.next((event) => event.type === 'chatroom.created');
  vi.advanceTimersByTime(aWhileMs);
  await ending.ended;
  expect((await short.call('GET', '/user/me')).status).toBe(401);
  await user.room('Only one hears of it');
  await lasting.next((event) => event.type === 'chatroom.created' && event.chatroom.name === 'Only one hears of it');
});

it('cannot be opened with an expired token', async () => {
  const user = await signIn(running.url);
  const authorization = `Bearer ${await tokenLike(user, -1)}`;
  await expect(openEventStream(`${running.url}/events`, { authorization })).rejects.toThrow(/401/);
});
