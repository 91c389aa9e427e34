/** Export of a room as Markdown and JSON: streamed at the reader's pace, with a cut connection after an error. */
import http from 'node:http';
import { describe, expect, it } from 'vitest';
import { signIn } from '../client.ts';
import { productTest, testModes } from '../fixtures.ts';
import type { Mode } from '../modes.ts';
import { attachmentNamed } from '../../server/messages/export.ts';
import { chainMessages } from '../fill-room.ts';
import { fillRoom } from '../shares/fill-room.ts';

describe('attachmentNamed', () => {
  it.each([
    ['Travel plans', 'Travel%20plans.md'],
    ['../../etc/passwd', 'etc%20passwd.md'],
    ['a"b\r\nset-cookie: x', 'a%20b%20set-cookie%20x.md'],
    ['\u202egpj.exe', 'gpj.exe.md'],
    ["it's (*mine*)!", 'it%27s%20%28%20mine%20%29%21.md'],
    ['日本', '%E6%97%A5%E6%9C%AC.md'],
    ['...', 'chat.md'],
    ['😀'.repeat(150), `${'%F0%9F%98%80'.repeat(100)}.md`],
  ])('names %j', (name, file) => {
    expect(attachmentNamed(name, 'md')).toBe(`attachment; filename*=UTF-8''${file}`);
  });
});

const testIn = (mode: Mode) =>
  productTest({ mode })
    .extend(
      'get',
      ({ user }) =>
        (roomId: number, query: string) =>
          user.call('GET', `/chatroom/${roomId}/export?${query}`),
    )
    // Stores many messages of this length.
    .extend('longRoom', ({ sql, user }) => async (messages: number, length: number) => {
      const roomId = await user.room('Long');
      await sql(
        `insert into messages (chatroom_id, user_id, is_from_user, content)
        select c.id, c.user_id, true, n || repeat('x', $3) from chatrooms c, generate_series(1, $2::int) n where c.id = $1
        order by n`,
        [roomId, messages, length],
      );
      for (const statement of chainMessages) await sql(statement);
      return roomId;
    });

testModes('the export of a room', testIn, (it) => {
  it('is the conversation in Markdown', async ({ sql, user, get }) => {
    const roomId = await user.room('Plans\n# for "us"');
    await fillRoom(sql, roomId, 'One?', '*So.*\n');
    await fillRoom(sql, roomId, 'Two?', '');
    const { status, headers, body } = await get(roomId, 'format=markdown');
    expect(status).toBe(200);
    expect(headers.get('content-type')).toBe('text/markdown; charset=utf-8');
    expect(headers.get('content-disposition')).toBe("attachment; filename*=UTF-8''Plans%20%23%20for%20us.md");
    expect(headers.get('cache-control')).toBe('private, no-cache');
    expect(body.replaceAll(/\d{4}-[\d-]+T[\d:.]+Z/g, 'then')).toBe(
      '# Plans # for "us"\n\n## Question · then\n\nOne?\n\n## Answer · then\n\n*So.*\n\n## Question · then\n\nTwo?\n',
    );
  });

  it('is all branches in JSON, and the path in Markdown', async ({ sql, user, get }) => {
    const roomId = await user.room('Branches');
    await fillRoom(sql, roomId, 'One?', 'So.');
    const [other] = await sql<{ id: number; version: number }>(
      `insert into messages (chatroom_id, user_id, parent_id, is_from_user, content)
        select chatroom_id, user_id, parent_id, false, 'Or so.' from messages where chatroom_id = $1 and not is_from_user
        returning id, (select id from messages where chatroom_id = $1 and not is_from_user) as version`,
      [roomId],
    );
    const texts = async () => (await get(roomId, 'format=markdown')).body.match(/^[A-Z]\w.*[?.]$/gm);
    for (const [head_id, text] of [
      [other!.version, 'So.'],
      [other!.id, 'Or so.'],
    ]) {
      expect((await user.call('PATCH', `/chatroom/${roomId}`, { body: { head_id } })).status).toBe(200);
      expect(await texts()).toEqual(['One?', text]);
    }
    const { status, headers, body } = await get(roomId, 'format=json');
    expect(status).toBe(200);
    expect(headers.get('content-disposition')).toBe("attachment; filename*=UTF-8''Branches.json");
    const { messages, ...room } = body;
    expect(room).toEqual((await user.call('GET', `/chatroom/${roomId}`)).body);
    expect(messages.map(({ content }: any) => content)).toEqual(['One?', 'So.', 'Or so.']);
    expect(messages.map(({ parent_id }: any) => parent_id)).toEqual([null, messages[0].id, messages[0].id]);
  });

  it('is empty for an empty room, and missing for a stranger', async ({ url, user, get }) => {
    const roomId = await user.room('Empty');
    expect((await get(roomId, 'format=json')).body.messages).toEqual([]);
    expect((await get(roomId, 'format=markdown')).body).toBe('# Empty\n');
    expect((await get(roomId, 'format=pdf')).status).toBe(422);
    const stranger = await signIn(url);
    expect((await stranger.call('GET', `/chatroom/${roomId}/export?format=json`)).status).toBe(404);
  });

  it('accepts a ticket once, for links', async ({ url, user }) => {
    const roomId = await user.room('Ticket');
    const { body } = await user.call('POST', '/events/ticket');
    const link = `${url}/chatroom/${roomId}/export?format=json&ticket=${body.ticket}`;
    expect((await fetch(link)).status).toBe(200);
    expect((await fetch(link)).status).toBe(401);
  });

  it('contains every message of a long room, once and in order', { timeout: 60_000 }, async ({ get, longRoom }) => {
    const roomId = await longRoom(10_000, 20);
    const numbers = (text: string) => [...text.matchAll(/\b(\d+)x{20}/g)].map(([, n]) => Number(n));
    const all = Array.from({ length: 10_000 }, (_, n) => n + 1);
    expect(numbers((await get(roomId, 'format=markdown')).body)).toEqual(all);
    expect(numbers(JSON.stringify((await get(roomId, 'format=json')).body))).toEqual(all);
  });

  it.for(['markdown', 'json'])(
    'waits for its reader, and is cut when the room is deleted meanwhile: %s',
    async (format, { sql, url, user, longRoom }) => {
      // More than all buffers in between.
      const roomId = await longRoom(1200, 30_000);
      const { promise, resolve, reject } = Promise.withResolvers<http.IncomingMessage>();
      http
        .get(
          `${url}/chatroom/${roomId}/export?format=${format}`,
          { headers: { authorization: `Bearer ${user.tokens.access_token}` }, agent: false },
          resolve,
        )
        .on('error', reject);
      const response = await promise;
      const cut = new Promise<boolean>((done) => {
        response.on('error', () => done(true));
        response.on('end', () => done(false));
      });
      await sql('delete from chatrooms where id = $1', [roomId]);
      let bytes = 0;
      response.on('data', (chunk: Buffer) => (bytes += chunk.length));
      expect(await cut).toBe(true);
      // If the server had read ahead, the export would be complete.
      expect(bytes).toBeLessThan(1200 * 30_000);
    },
  );
});
