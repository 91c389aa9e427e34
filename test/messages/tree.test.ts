/** What people read is a tree, and the work of writing a reply leaves it alone until the reply is settled. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { signIn, type Client } from '../client.ts';
import { startFakeGemini, type FakeGemini } from '../fakes/gemini.ts';
import { anyPlace, askAt, startProduct, type Place, type RunningProduct } from '../harness.ts';
import { describeModes } from '../modes.ts';
import { sqlOf, type Sql } from '../sql.ts';

let fake: FakeGemini;
let place: Place;
let running: RunningProduct;
let sql: Sql;
let user: Client;

const started = (makePlace: () => Promise<Place>) => async () => {
  fake = await startFakeGemini();
  place = await makePlace();
  running = await startProduct(place, { environment: { BASIC_DAILY_LIMIT: '1000', ...askAt(fake) } });
  sql = sqlOf(running);
  user = await signIn(running.url);
};
const stop = async () => {
  await running[Symbol.asyncDispose]();
  await place[Symbol.asyncDispose]();
  await fake[Symbol.asyncDispose]();
};

interface Node {
  readonly id: number;
  readonly parent: number | null;
}

const treeOf = (roomId: number) =>
  sql<Node>(`select id, parent_id as parent from messages where chatroom_id = $1 order by id`, [roomId]);

async function answered(roomId: number, question: string): Promise<Node> {
  const { body } = await user.ask(roomId, question);
  await user.waitForReply(roomId, { messageId: body.id });
  return { id: body.reply.id, parent: body.id };
}

describeModes('the tree', ({ place: makePlace }) => {
  beforeAll(started(makePlace));
  afterAll(stop);

  it('hangs a reply under its question, and a question under the newest reply to the one before', async () => {
    const roomId = await user.room();
    const first = await answered(roomId, 'One?');
    const again = await user.call('POST', `/chatroom/${roomId}/messages/${first.id}/regenerate`);
    const second = await answered(roomId, 'Two?');
    const late = await user.call('POST', `/chatroom/${roomId}/messages/${first.id}/regenerate`);
    const third = await answered(roomId, 'Three?');
    expect(await treeOf(roomId)).toEqual([
      { id: first.parent, parent: null },
      first,
      { id: again.body.reply.id, parent: first.parent },
      { id: second.parent, parent: again.body.reply.id },
      second,
      { id: late.body.reply.id, parent: first.parent },
      { id: third.parent, parent: second.id },
      third,
    ]);
  });

  it('is one path of questions that were sent at once', async () => {
    const roomId = await user.room();
    await Promise.all(Array.from({ length: 12 }, (_, n) => user.ask(roomId, `Number ${n}?`)));
    const tree = await treeOf(roomId);
    expect(tree).toHaveLength(24);
    expect(new Set(tree.map(({ parent }) => parent)).size).toBe(24);
  });
});

describe('the message of a reply', () => {
  beforeAll(started(anyPlace));
  afterAll(stop);

  /** Both rows, and a mark of the message's row that changes with any write to it. */
  const rowsOf = async (id: number) => {
    const [row] = await sql<{ content: string; text: string | null; status: string; version: string }>(
      `select m.content, r.text, r.status, m.xmin::text as version from messages m join replies r on r.message_id = m.id
       where m.id = $1`,
      [id],
    );
    return row!;
  };

  async function begun(): Promise<{ roomId: number; id: number; version: string }> {
    const roomId = await user.room();
    const { body } = await user.ask(roomId, 'Slowly, please [[drip:50]]');
    const { version } = await rowsOf(body.reply.id);
    await expect.poll(async () => (await rowsOf(body.reply.id)).text).toMatch(/./);
    return { roomId, id: body.reply.id, version };
  }

  it('is not touched by checkpoints, and gets its text when the reply is settled', async () => {
    const { roomId, id, version } = await begun();
    expect(await rowsOf(id)).toMatchObject({ status: 'generating', content: '', version });
    await user.call('POST', `/chatroom/${roomId}/messages/${id}/cancel`);
    const reply = await user.waitForReply(roomId);
    expect(reply).toMatchObject({ status: 'cancelled', content: expect.stringMatching(/./) });
    expect(await rowsOf(id)).toMatchObject({ status: 'cancelled', content: reply.content, text: null });
  });

  it('is not touched by a failure', async () => {
    const roomId = await user.room();
    const { body } = await user.ask(roomId, 'Not this [[block]]');
    const { version } = await rowsOf(body.reply.id);
    await user.waitForReply(roomId);
    expect(await rowsOf(body.reply.id)).toMatchObject({ status: 'failed', content: '', version });
  });

  it('goes with its room, and so does the work', async () => {
    const { roomId, id } = await begun();
    await user.call('DELETE', `/chatroom/${roomId}`);
    expect(await sql('select from messages where chatroom_id = $1', [roomId])).toEqual([]);
    expect(await sql('select from replies where message_id = $1', [id])).toEqual([]);
  });
});
