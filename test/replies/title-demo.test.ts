/** The demo model only describes itself, so that rooms are named after their questions. */
import { expect } from 'vitest';
import { productTest } from '../fixtures.ts';

const it = productTest();

it('names a room after its question with the demo model', async ({ user }) => {
  const { body: room } = await user.call('POST', '/chatroom', { body: {} });
  await user.ask(room.id, '**Which** trees grow in Kenya, and which of them are used for furniture, please?');
  const read = async () => (await user.call('GET', `/chatroom/${room.id}`)).body.name;
  await expect.poll(read, { timeout: 30_000 }).toBe('Which trees grow in Kenya, and which of them are used for…');
});
