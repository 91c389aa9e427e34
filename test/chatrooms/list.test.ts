/** The list of rooms is cached, and always includes the reader's own last change. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { signIn, type Client } from '../client.ts';
import { anyPlace, startProduct, type RunningProduct } from '../harness.ts';

const cleanUp = new AsyncDisposableStack();
let running: RunningProduct;
let user: Client;
beforeAll(async () => {
  const place = cleanUp.use(await anyPlace());
  running = cleanUp.use(await startProduct(place));
  user = await signIn(running.url);
});
afterAll(() => cleanUp.disposeAsync());

const listed = async () =>
  (await user.call('GET', '/chatroom')).body.map(({ id, name }: { id: number; name: string }) => ({ id, name }));

it('shows a new room, a rename, a message and a deletion at once', async () => {
  expect(await listed()).toEqual([]);
  const first = await user.room('First');
  expect(await listed()).toEqual([{ id: first, name: 'First' }]);
  const second = await user.room('Second');
  expect(await listed()).toEqual([
    { id: second, name: 'Second' },
    { id: first, name: 'First' },
  ]);
  await user.call('PATCH', `/chatroom/${second}`, { body: { name: 'Renamed' } });
  expect(await listed()).toEqual([
    { id: second, name: 'Renamed' },
    { id: first, name: 'First' },
  ]);
  await user.ask(first, 'Which moves this room to the top');
  expect(await listed()).toEqual([
    { id: first, name: 'First' },
    { id: second, name: 'Renamed' },
  ]);
  expect((await user.call('DELETE', `/chatroom/${first}`)).status).toBe(204);
  expect(await listed()).toEqual([{ id: second, name: 'Renamed' }]);
});
