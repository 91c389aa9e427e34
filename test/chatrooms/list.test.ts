/** The list of rooms is cached, and always includes the reader's own last change. */
import { expect } from 'vitest';
import { productTest } from '../fixtures.ts';

const it = productTest();

it('shows a new room, a rename, a message and a deletion at once', async ({ user }) => {
  const listed = async () =>
    (await user.call('GET', '/chatroom')).body.map(({ id, name }: { id: number; name: string }) => ({ id, name }));
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
