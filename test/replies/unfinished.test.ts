/** `GET /replies`: the caller's unfinished replies in all rooms. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { signIn, type Client } from '../client.ts';
import { anyPlace, startProduct, type Place, type RunningProduct } from '../harness.ts';
import { sqlOf } from '../sql.ts';

let place: Place;
let running: RunningProduct;
let user: Client;

beforeAll(async () => {
  place = await anyPlace();
  // No worker runs, so that replies stay unchanged until the test ends them.
  running = await startProduct(place, { role: 'api' });
  user = await signIn(running.url);
});
afterAll(async () => {
  await running[Symbol.asyncDispose]();
  await place[Symbol.asyncDispose]();
});

describe('unfinished replies', () => {
  it('of all rooms are listed oldest first, in pages, without finished ones and those of others', async () => {
    const rooms = [await user.room(), await user.room()];
    const asked = [];
    for (const roomId of [rooms[0]!, rooms[1]!, rooms[0]!, rooms[1]!])
      asked.push((await user.ask(roomId, 'Why?')).body);
    const stranger = await signIn(running.url);
    const { body: theirs } = await stranger.ask(await stranger.room(), 'Mine');
    const [one, two, three, four] = asked;
    const sql = sqlOf(running);
    await sql(`update replies set status = 'complete' where message_id = $1`, [two.reply.id]);
    await sql(`update replies set status = 'generating', epoch = 2 where message_id = $1`, [one.reply.id]);
    const { body } = await user.call('GET', '/replies');
    expect(body.map(({ id }: { id: number }) => id)).toEqual([one.reply.id, three.reply.id, four.reply.id]);
    expect(body[0]).toEqual({
      id: one.reply.id,
      chatroom_id: rooms[0],
      in_reply_to: one.id,
      status: 'generating',
      attempt: 2,
      created_at: expect.any(String),
    });
    const page = await user.call('GET', '/replies?limit=2');
    expect(page.body).toEqual(body.slice(0, 2));
    expect(page.headers.get('link')).toBe(`</replies?limit=2&after=${three.reply.id}>; rel="next"`);
    const last = await user.call('GET', `/replies?limit=2&after=${three.reply.id}`);
    expect([last.body, last.headers.get('link')]).toEqual([body.slice(2), null]);
    const others = (await stranger.call('GET', '/replies')).body;
    expect(others.map(({ id }: { id: number }) => id)).toEqual([theirs.reply.id]);
  });
});
