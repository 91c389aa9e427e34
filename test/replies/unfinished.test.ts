/** `GET /replies`: the caller's unfinished replies in all rooms. */
import { describe, expect } from 'vitest';
import { signIn } from '../client.ts';
import { productTest } from '../fixtures.ts';

// No worker runs, so that replies stay unchanged until the test ends them.
const it = productTest({ role: 'api' });

describe('unfinished replies', () => {
  it('of all rooms are listed oldest first, in pages, without finished ones and those of others', async ({
    url,
    sql,
    user,
  }) => {
    const rooms = [await user.room(), await user.room()];
    const asked = [];
    for (const roomId of [rooms[0]!, rooms[1]!, rooms[0]!, rooms[1]!])
      asked.push((await user.ask(roomId, 'Why?')).body);
    const stranger = await signIn(url);
    const { body: theirs } = await stranger.ask(await stranger.room(), 'Mine');
    const [one, two, three, four] = asked;
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
