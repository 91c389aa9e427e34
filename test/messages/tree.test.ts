/** Messages form a tree, and generating a reply does not write to it until the reply is settled. */
import { describe, expect } from 'vitest';
import type { Client } from '../client.ts';
import { askingTest, testModes } from '../fixtures.ts';
import type { Mode } from '../modes.ts';
import type { Sql } from '../sql.ts';

const environment = { BASIC_DAILY_LIMIT: '1000' };

interface Node {
  readonly id: number;
  readonly parent: number | null;
}

const treeOf = (sql: Sql, roomId: number) =>
  sql<Node>(`select id, parent_id as parent from messages where chatroom_id = $1 order by id`, [roomId]);

async function answered(user: Client, roomId: number, question: string): Promise<Node> {
  const { body } = await user.ask(roomId, question);
  await user.waitForReply(roomId, { messageId: body.id });
  return { id: body.reply.id, parent: body.id };
}

const it = askingTest({ environment })
  // Both rows, and the version of the message's row, which changes with any write.
  .extend('rowsOf', ({ sql }) => async (id: number) => {
    const [row] = await sql<{ content: string; text: string | null; status: string; version: string }>(
      `select m.content, r.text, r.status, m.xmin::text as version from messages m join replies r on r.message_id = m.id
       where m.id = $1`,
      [id],
    );
    return row!;
  })
  .extend('begun', async ({ user, rowsOf }) => {
    const roomId = await user.room();
    const { body } = await user.ask(roomId, 'Slowly, please [[drip:50]]');
    const { version } = await rowsOf(body.reply.id);
    await expect.poll(async () => (await rowsOf(body.reply.id)).text).toMatch(/./);
    return { roomId, id: body.reply.id as number, version };
  });

const testIn = (mode: Mode) => askingTest({ mode, environment });

testModes('the tree', testIn, (it) => {
  it('has a reply below its question, and a question below the reply that was requested last', async ({
    sql,
    user,
  }) => {
    const roomId = await user.room();
    const first = await answered(user, roomId, 'One?');
    const again = await user.call('POST', `/chatroom/${roomId}/messages/${first.id}/regenerate`);
    const second = await answered(user, roomId, 'Two?');
    const late = await user.call('POST', `/chatroom/${roomId}/messages/${first.id}/regenerate`);
    const third = await answered(user, roomId, 'Three?');
    expect(await treeOf(sql, roomId)).toEqual([
      { id: first.parent, parent: null },
      first,
      { id: again.body.reply.id, parent: first.parent },
      { id: second.parent, parent: again.body.reply.id },
      second,
      { id: late.body.reply.id, parent: first.parent },
      { id: third.parent, parent: late.body.reply.id },
      third,
    ]);
  });

  it('has branches: an edit is another version, and the path runs through it until another is chosen', async ({
    user,
  }) => {
    const roomId = await user.room();
    const first = await answered(user, roomId, 'One?');
    const second = await answered(user, roomId, 'Two?');
    const edit = await user.call('POST', `/chatroom/${roomId}/message`, {
      body: { content: 'Two, edited?', parent_id: first.id },
    });
    expect(edit).toMatchObject({ status: 202, body: { parent_id: first.id } });
    const edited = { id: edit.body.reply.id, parent: edit.body.id };
    await user.waitForReply(roomId, { messageId: edited.parent });
    const versions = [second.parent, edited.parent];
    const pathOf = async (query = '') =>
      (await user.call('GET', `/chatroom/${roomId}/messages${query}`)).body.map(({ id }: { id: number }) => id);
    const [before, after] = [
      [first.parent, first.id, second.parent, second.id],
      [first.parent, first.id, edited.parent, edited.id],
    ];
    expect(await pathOf()).toEqual(after);
    expect(await pathOf(`?through=${second.parent}`)).toEqual(before);
    expect(await pathOf(`?before=${second.id}`)).toEqual(after.slice(0, 2));
    expect(await pathOf(`?after=${second.id}`)).toEqual(after.slice(2));
    expect((await user.call('GET', `/chatroom/${roomId}/messages/${edited.parent}`)).body).toMatchObject({
      parent_id: first.id,
      versions,
    });
    const { body: room } = await user.call('GET', `/chatroom/${roomId}`);
    expect(room.head_id).toBe(edited.id);
    const chosen = await user.call('PATCH', `/chatroom/${roomId}`, { body: { head_id: second.parent } });
    expect(chosen).toMatchObject({ status: 200, body: { head_id: second.id, updated_at: room.updated_at } });
    expect(await pathOf()).toEqual(before);
    const other = await user.room();
    for (const head_id of [Number.MAX_SAFE_INTEGER, first.id]) {
      const refused = await user.call('PATCH', `/chatroom/${other}`, { body: { head_id } });
      expect(refused).toMatchObject({ status: 422, body: { errors: [{ pointer: '/head_id' }] } });
    }
    expect((await user.call('GET', `/chatroom/${other}/messages?through=${first.id}`)).status).toBe(404);
  });

  it('refuses a question unless the end is the one in if_head_id, or if its parent is not a reply of the room', async ({
    user,
  }) => {
    const roomId = await user.room();
    const send = (body: object) =>
      user.call('POST', `/chatroom/${roomId}/message`, { body: { content: 'Hm?', ...body } });
    const used = async () => (await user.call('GET', '/user/me')).body.daily_message_count;
    const first = await send({ if_head_id: null });
    const head = first.body.reply.id;
    const before = await used();
    for (const if_head_id of [null, first.body.id]) {
      expect(await send({ if_head_id })).toMatchObject({ status: 409, body: { code: 'head_moved', head_id: head } });
    }
    for (const parent_id of [first.body.id, Number.MAX_SAFE_INTEGER]) {
      expect(await send({ parent_id })).toMatchObject({ status: 422, body: { errors: [{ pointer: '/parent_id' }] } });
    }
    expect(await used()).toBe(before);
    const racing = await Promise.all(Array.from({ length: 8 }, () => send({ if_head_id: head })));
    expect(racing.filter(({ status }) => status === 202)).toHaveLength(1);
    expect(await used()).toBe(before + 1);
    expect(await send({ parent_id: null })).toMatchObject({ status: 202, body: { parent_id: null } });
  });

  it('has one path for questions that were sent at once', async ({ sql, user }) => {
    const roomId = await user.room();
    await Promise.all(Array.from({ length: 12 }, (_, n) => user.ask(roomId, `Number ${n}?`)));
    const tree = await treeOf(sql, roomId);
    expect(tree).toHaveLength(24);
    expect(new Set(tree.map(({ parent }) => parent)).size).toBe(24);
  });
});

describe('the message of a reply', () => {
  it('is not written by checkpoints, and gets its text when the reply is settled', async ({ user, rowsOf, begun }) => {
    const { roomId, id, version } = begun;
    expect(await rowsOf(id)).toMatchObject({ status: 'generating', content: '', version });
    await user.call('POST', `/chatroom/${roomId}/messages/${id}/cancel`);
    const reply = await user.waitForReply(roomId);
    expect(reply).toMatchObject({ status: 'cancelled', content: expect.stringMatching(/./) });
    expect(await rowsOf(id)).toMatchObject({ status: 'cancelled', content: reply.content, text: null });
  });

  it('is not written by a failure', async ({ user, rowsOf }) => {
    const roomId = await user.room();
    const { body } = await user.ask(roomId, 'Not this [[block]]');
    const { version } = await rowsOf(body.reply.id);
    await user.waitForReply(roomId);
    expect(await rowsOf(body.reply.id)).toMatchObject({ status: 'failed', content: '', version });
  });

  it('is deleted with its room, and so is the row in replies', async ({ sql, user, begun }) => {
    const { roomId, id } = begun;
    await user.call('DELETE', `/chatroom/${roomId}`);
    expect(await sql('select from messages where chatroom_id = $1', [roomId])).toEqual([]);
    expect(await sql('select from replies where message_id = $1', [id])).toEqual([]);
  });
});
