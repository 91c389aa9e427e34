/** A room's settings: name, instructions, model, pinned, archived, and read position. */
import { expect } from 'vitest';
import { productTest, testModes } from '../fixtures.ts';
import type { Mode } from '../modes.ts';

const testIn = (mode: Mode) =>
  productTest({ mode })
    .extend(
      'create',
      ({ user }) =>
        (body: object) =>
          user.call('POST', '/chatroom', { body }),
    )
    .extend(
      'change',
      ({ user }) =>
        (id: number, body: object) =>
          user.call('PATCH', `/chatroom/${id}`, { body }),
    )
    .extend(
      'listed',
      ({ user }) =>
        async (query = '') =>
          (await user.call('GET', `/chatroom${query}`)).body.map(({ id }: { id: number }) => id),
    );

testModes('a room', testIn, (it) => {
  it('has a default name until a user names it, and shows the source of its name', async ({ user, create, change }) => {
    expect(await create({ name: 'Mine' })).toMatchObject({ status: 201, body: { name: 'Mine', name_source: 'user' } });
    const { status, body: room } = await create({});
    expect({ status, room }).toMatchObject({ status: 201, room: { name: 'New chat', name_source: 'default' } });
    const named = { name: 'New chat', name_source: 'user' };
    expect((await change(room.id, { name: 'New chat' })).body).toMatchObject(named);
    expect((await user.call('GET', `/chatroom/${room.id}`)).body).toMatchObject(named);
    expect((await user.call('GET', '/chatroom')).body[0]).toMatchObject({ id: room.id, ...named });
  });

  it('stores instructions, model and marks without counting as activity, and leaves instructions out of lists', async ({
    user,
    create,
    change,
    listed,
  }) => {
    const { body: room } = await create({ name: 'Set up' });
    const chosen = { instructions: 'Be brief.', model: 'demo', pinned: true };
    const changed = await change(room.id, chosen);
    expect(changed).toMatchObject({ status: 200, body: { ...room, ...chosen } });
    const [first] = (await user.call('GET', '/chatroom')).body;
    expect(first).toEqual({ ...changed.body, instructions: undefined });
    expect(await listed('?pinned=true')).toEqual([room.id]);
    const cleared = { instructions: null, model: null };
    expect((await change(room.id, cleared)).body).toMatchObject({ ...cleared, pinned: true });
    expect(await change(room.id, { model: 'unheard-of' })).toMatchObject({
      status: 422,
      body: { errors: [{ pointer: '/model' }] },
    });
    expect((await change(room.id, { instructions: '𝄞'.repeat(4000) })).status).toBe(200);
    expect((await change(room.id, { instructions: '𝄞'.repeat(4001) })).status).toBe(422);
    expect((await change(room.id, { pinned: false })).body).toMatchObject({ instructions: '𝄞'.repeat(4000) });
    expect(await listed('?pinned=true')).toEqual([]);
  });

  it('is not listed while archived, and is listed again after the next message', async ({
    user,
    create,
    change,
    listed,
  }) => {
    const { body: room } = await create({ name: 'Old' });
    expect(await listed()).toContain(room.id);
    expect((await change(room.id, { archived: true })).body.archived).toBe(true);
    expect(await listed()).not.toContain(room.id);
    expect(await listed('?archived=true')).toEqual([room.id]);
    expect((await listed('?archived=any'))[0]).toBe(room.id);
    await user.ask(room.id, 'Still here?');
    expect((await listed())[0]).toBe(room.id);
    expect(await listed('?archived=true')).toEqual([]);
  });

  it('counts replies as unread until they are read, and not again', async ({ user, create, change }) => {
    const { body: room } = await create({ name: 'Read' });
    const unread = async () =>
      (await user.call('GET', '/chatroom')).body.find(({ id }: { id: number }) => id === room.id).unread;
    const { body: question } = await user.ask(room.id, 'One?');
    await user.waitForReply(room.id, { messageId: question.id });
    await expect.poll(unread).toBe(1);
    // Not beyond the last message.
    const read = await change(room.id, { read_id: Number.MAX_SAFE_INTEGER });
    expect(read.body).toMatchObject({ unread: 0, updated_at: expect.any(String) });
    expect(await unread()).toBe(0);
    expect((await change(room.id, { read_id: question.id })).body.unread).toBe(0);
    const { body: next } = await user.ask(room.id, 'Two?');
    await user.waitForReply(room.id, { messageId: next.id });
    await expect.poll(unread).toBe(1);
  });

  it('is on consecutive pages although the room at their border is deleted', async ({ user: owner }) => {
    const made: number[] = [];
    for (let n = 0; n < 6; n += 1) made.unshift(await owner.room(`Room ${n}`));
    const page = async (path: string) => {
      const { body, headers } = await owner.call('GET', path);
      const links = headers.get('link') ?? '';
      const to = (relation: string) => new RegExp(`<([^>]*)>; rel="${relation}"`).exec(links)?.[1] ?? null;
      return { ids: body.map(({ id }: { id: number }) => id), next: to('next'), prev: to('prev') };
    };
    const first = await page('/chatroom?limit=2');
    expect(first).toMatchObject({ ids: made.slice(0, 2), prev: null });
    await owner.call('DELETE', `/chatroom/${made[1]}`);
    const second = await page(first.next!);
    expect(second.ids).toEqual(made.slice(2, 4));
    await owner.call('DELETE', `/chatroom/${made[2]}`);
    expect((await page(second.prev!)).ids).toEqual([made[0]]);
    expect(await page((await page(second.next!)).prev!)).toMatchObject({ ids: [made[0], made[3]], prev: null });
    const made_up = await owner.call('GET', '/chatroom?cursor=WyJvbGRlciIsMV0');
    expect(made_up).toMatchObject({ status: 422, body: { errors: [{ pointer: '/query/cursor' }] } });
  });

  it('determines the model, unless the message names one', async ({ sql, user, create, change }) => {
    await sql(`insert into model_pauses values ('demo', now() + interval '1 hour')`);
    const { body: room } = await create({ name: 'Model' });
    const asked = async () => {
      const { body } = await user.ask(room.id, 'Who?');
      const [row] = await sql<{ model: string | null }>(`select model from replies where message_id = $1`, [
        body.reply.id,
      ]);
      return row!.model;
    };
    expect(await asked()).toBe('demo');
    await change(room.id, { model: 'demo' });
    expect(await asked()).toBe('demo');
  });
});
