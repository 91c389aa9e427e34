/** What people choose for a room: its name, and whether it has one of its own. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { signIn, type Client } from '../client.ts';
import { startProduct, type Place, type RunningProduct } from '../harness.ts';
import { describeModes } from '../modes.ts';

describeModes('a room', ({ place: makePlace }) => {
  let place: Place;
  let running: RunningProduct;
  let user: Client;

  beforeAll(async () => {
    place = await makePlace();
    running = await startProduct(place);
    user = await signIn(running.url);
  });
  afterAll(async () => {
    await running[Symbol.asyncDispose]();
    await place[Symbol.asyncDispose]();
  });

  const create = (body: object) => user.call('POST', '/chatroom', { body });
  const change = (id: number, body: object) => user.call('PATCH', `/chatroom/${id}`, { body });

  it('tells who named it, and has a default name until somebody does', async () => {
    expect(await create({ name: 'Mine' })).toMatchObject({ status: 201, body: { name: 'Mine', name_source: 'user' } });
    const { status, body: room } = await create({});
    expect({ status, room }).toMatchObject({ status: 201, room: { name: 'New chat', name_source: 'default' } });
    const named = { name: 'New chat', name_source: 'user' };
    expect((await change(room.id, { name: 'New chat' })).body).toMatchObject(named);
    expect((await user.call('GET', `/chatroom/${room.id}`)).body).toMatchObject(named);
    expect((await user.call('GET', '/chatroom')).body[0]).toMatchObject({ id: room.id, ...named });
  });
});
