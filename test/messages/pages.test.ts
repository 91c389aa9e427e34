/** Pages of a conversation: bounded in bytes, cut in SQL, and without a gap or repeat when followed by their links. */
import { describe, expect } from 'vitest';
import { listMessages } from '../../server/messages/store.ts';
import type { Database } from '../../server/ports/database.ts';
import type { Answer, Client } from '../client.ts';
import { fillRoom } from '../fill-room.ts';
import { productTest } from '../fixtures.ts';

const mebibyte = 1024 * 1024;
/** The longest message, with four bytes a character. */
const longest = { text: '😀'.repeat(32_000), bytes: 128_000 };

const it = productTest();

function linked({ headers }: Answer, relation: 'next' | 'prev'): string | null {
  return new RegExp(`<([^>]+)>; rel="${relation}"`).exec(headers.get('link') ?? '')?.[1] ?? null;
}

/** The pages from `path` on, by following links. */
async function follow(client: Client, path: string, relation: 'next' | 'prev'): Promise<Answer[]> {
  const pages: Answer[] = [];
  for (let next: string | null = path; next !== null; next = linked(pages.at(-1)!, relation)) {
    pages.push(await client.call('GET', next));
  }
  return pages;
}

const idsOf = ({ body }: Answer): number[] => body.map((message: { id: number }) => message.id);
const bytesOf = ({ body }: Answer): number =>
  body.reduce((sum: number, { content }: { content: string }) => sum + Buffer.byteLength(content), 0);

describe('a page of messages', () => {
  it('ends early once it has 1 MiB of text, with links in both directions', async ({ sql, user }) => {
    const roomId = await user.room();
    const ids = await fillRoom(sql, roomId, longest.text, 30);

    const backwards = await follow(user, `/chatroom/${roomId}/messages`, 'prev');
    expect(backwards.map((page) => idsOf(page).length)).toEqual([9, 9, 9, 3]);
    expect(backwards.toReversed().flatMap(idsOf)).toEqual(ids);

    const forwards = await follow(user, `/chatroom/${roomId}/messages?after=${ids[0]}&limit=20`, 'next');
    expect(forwards.map((page) => idsOf(page).length)).toEqual([9, 9, 9, 2]);
    expect(forwards.flatMap(idsOf)).toEqual(ids.slice(1));

    for (const page of [...backwards, ...forwards]) expect(bytesOf(page)).toBeLessThan(mebibyte + longest.bytes);
  });

  it('has at least one message of any length', async ({ sql, user }) => {
    const roomId = await user.room();
    const ids = await fillRoom(sql, roomId, 'x'.repeat(2 * mebibyte), 3);
    const pages = await follow(user, `/chatroom/${roomId}/messages`, 'prev');
    expect(pages.map(idsOf)).toEqual(ids.toReversed().map((id) => [id]));
  });

  it('is limited in the result of the database query too', async ({ running, sql, user }) => {
    const { db } = running.product.parts;
    const roomId = await user.room();
    await fillRoom(sql, roomId, longest.text, 100);
    const rowsRead: number[] = [];
    const watched = {
      async run(...args: Parameters<Database['run']>) {
        const rows = await db.run(...args);
        rowsRead.push(Buffer.byteLength(JSON.stringify(rows)));
        return rows;
      },
    } as unknown as Database;
    const { id: userId } = (await user.call('GET', '/user/me')).body;
    for (const cursor of [{}, { before: Number.MAX_SAFE_INTEGER }, { after: 1 }]) {
      await listMessages(watched, { userId, roomId }, { limit: 100, pending: true, ...cursor });
    }
    expect(rowsRead).toHaveLength(3);
    for (const bytes of rowsRead) expect(bytes).toBeLessThan(1.2 * mebibyte);
  });

  it('has the link to the next page when it is full by count', async ({ sql, user }) => {
    const roomId = await user.room();
    const ids = await fillRoom(sql, roomId, 'short', 7);
    const pages = await follow(user, `/chatroom/${roomId}/messages?limit=3`, 'prev');
    expect(pages.map(idsOf)).toEqual([ids.slice(4), ids.slice(1, 4), ids.slice(0, 1)]);
    expect(linked(pages[0]!, 'next')).toBeNull();
  });
});
