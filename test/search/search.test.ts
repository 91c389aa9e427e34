/** Search in the caller's messages, in many scripts, in both modes. */
import fc from 'fast-check';
import { expect, vi } from 'vitest';
import { signIn, type Client } from '../client.ts';
import { expectProblem } from '../contract/problem.ts';
import { productTest, testModes } from '../fixtures.ts';
import type { Mode } from '../modes.ts';
import { seed } from '../random.ts';

interface Hit {
  readonly message_id: number;
  readonly snippet: string;
  readonly matches: readonly (readonly [number, number])[];
}

const call = (user: Client, q: string, more = '') => user.call('GET', `/search?q=${encodeURIComponent(q)}${more}`);

async function search(user: Client, q: string, more = ''): Promise<Hit[]> {
  const answer = await call(user, q, more);
  expect(answer.status, JSON.stringify(answer.body)).toBe(200);
  return answer.body;
}

const matched = ({ snippet, matches }: Hit) => matches.map(([start, end]) => snippet.slice(start, end));

const texts = [
  'Kilimanjaro is the tallest mountain in Africa.',
  'Der Fluß heißt Große Weser, sagte Zoë im Café.',
  '東京タワーは高さ333メートルです。',
  'แมวของฉันชอบกินปลา',
  '我喜欢在北京吃烤鸭。',
  'Mixed: 東京2024 olympics, ΟΔΥΣΣΕΥΣ returns',
  'in Africa the mountain tallest is',
];

const testIn = (mode: Mode) =>
  productTest({ mode })
    .extend('indexed', { scope: 'file' }, ({ sql }) => async (id: number) => {
      const find = async () =>
        expect(await sql(`select from search_entries where message_id = $1`, [id])).toHaveLength(1);
      await vi.waitFor(find, { timeout: 20_000, interval: 50 });
    })
    // Stores messages as the product does, and returns their ids once all are indexed.
    .extend(
      'write',
      { scope: 'file' },
      ({ sql, indexed }) =>
        async (user: Client, roomId: number, contents: readonly string[]) => {
          const { body } = await user.call('GET', '/user/me');
          const rows = await sql<{ id: number }>(
            `insert into messages (chatroom_id, user_id, is_from_user, content)
        select $1, $2, true, content from jsonb_array_elements_text($3::jsonb) content returning id`,
            [roomId, body.id, JSON.stringify(contents)],
          );
          const ids = rows.map(({ id }) => id);
          await indexed(ids.at(-1)!);
          return ids;
        },
    )
    .extend('library', { scope: 'file' }, async ({ url, write }) => {
      const user = await signIn(url);
      return { user, ids: await write(user, await user.room('Library'), texts) };
    });

testModes('search', testIn, (it) => {
  it.for([
    ['kiliman', [0], ['Kilimanjaro']],
    ['TALL moun', [0, 6], null],
    ['"tallest mountain"', [0], ['tallest mountain']],
    ['"tallest mount"', [], null],
    ['cafe', [1], ['Café']],
    ['FLUSS grosse', [1], ['Fluß', 'Große']],
    ['zoe', [1], ['Zoë']],
    ['東京', [2, 5], null],
    ['タワー', [2], ['タワー']],
    ['ﾀﾜｰ', [2], ['タワー']],
    ['塔', [], null],
    ['京', [2, 5, 4], null],
    ['東京2024', [5], ['東京2024']],
    ['東タ', [], null],
    ['แมว', [3], ['แมว']],
    ['กินปลา', [3], ['กินปลา']],
    ['烤鸭', [4], ['烤鸭']],
    ['οδυσσευς', [5], ['ΟΔΥΣΣΕΥΣ']],
    ['olymp 東京', [5], ['東京', 'olympics']],
    ['!!! & | ( :*', [], null],
  ] as const)('finds %s', async ([q, found, parts], { library: { user, ids } }) => {
    const hits = await search(user, q);
    expect(new Set(hits.map(({ message_id: id }) => ids.indexOf(id)))).toEqual(new Set<number>(found));
    expect(hits).toHaveLength(found.length);
    if (parts) expect(matched(hits[0]!)).toEqual(parts);
  });

  it('returns matches in UTF-16 units, in a snippet cut between characters', async ({ user, write }) => {
    const family = '👨‍👩‍👧‍👦';
    await write(user, await user.room('Emoji'), [`${family.repeat(40)} needle ${family.repeat(60)}`]);
    const [hit] = await search(user, 'needle');
    expect(matched(hit!)).toEqual(['needle']);
    expect(hit!.snippet.replaceAll(family, '').replaceAll(/[… ]/g, '')).toBe('needle');
    expect(hit!.snippet.length).toBeLessThanOrEqual(202);
  });

  it('finds questions and replies of the product, except unfinished and failed ones', async ({
    sql,
    user,
    indexed,
  }) => {
    const roomId = await user.room('Asked');
    const sent = await user.ask(roomId, 'Where does the platypus live?');
    await user.waitForReply(roomId);
    await indexed(sent.body.reply.id);
    const hits = await search(user, 'platypus');
    expect(hits.map(({ message_id: id }) => id)).toContain(sent.body.id);
    expect(hits[0]).toMatchObject({ chatroom_id: roomId, chatroom_name: 'Asked' });
    const [{ content }] = (await user.call('GET', `/chatroom/${roomId}/messages`)).body.slice(-1);
    const word = /\p{L}{4,}/u.exec(content)![0];
    expect((await search(user, word)).map(({ message_id: id }) => id)).toContain(sent.body.reply.id);
    expect(
      await sql(`select from search_entries e join messages m on m.id = e.message_id where m.content = ''`),
    ).toEqual([]);
  });

  it('pages through all hits, best first, each once', async ({ user, write }) => {
    const roomId = await user.room('Pages');
    const ids = await write(
      user,
      roomId,
      Array.from({ length: 45 }, (_, n) => `${'pebble '.repeat(1 + (n % 5))}${'stone '.repeat(n % 3)}`),
    );
    const seen: number[] = [];
    let path: string | null = '/search?q=pebble&limit=10';
    let pages = 0;
    while (path !== null && pages < 10) {
      const answer = await user.call('GET', path);
      expect(answer.status).toBe(200);
      seen.push(...answer.body.map((hit: Hit) => hit.message_id));
      pages += 1;
      // Newer hits do not shift the pages.
      if (pages === 1) await write(user, roomId, ['pebble pebble pebble pebble pebble pebble']);
      path = /<([^>]+)>; rel="next"/.exec(answer.headers.get('link') ?? '')?.[1] ?? null;
    }
    expect(pages).toBe(5);
    expect(seen.toSorted((a, b) => a - b)).toEqual(ids);
    // Messages with only the word come first; of several the newest.
    expect(ids.indexOf(seen[0]!)).toBe(30);
  });

  it('is limited to the account, and to one room on request', async ({ sql, url, user: owner, write }) => {
    const stranger = await signIn(url);
    const [first, second] = [await owner.room('One'), await owner.room('Two')];
    await write(owner, first, ['The password is swordfish']);
    const [inSecond] = await write(owner, second, ['Swordfish again']);
    expect(await search(stranger, 'swordfish')).toEqual([]);
    expect(await search(owner, 'swordfish')).toHaveLength(2);
    const hits = await search(owner, 'swordfish', `&chatroom_id=${second}`);
    expect(hits.map(({ message_id: id }) => id)).toEqual([inSecond]);
    expectProblem(await call(stranger, 'swordfish', `&chatroom_id=${second}`), 404);
    await owner.call('DELETE', `/chatroom/${first}`);
    expect(await search(owner, 'swordfish')).toHaveLength(1);
    expect(await sql(`select from search_entries where chatroom_id = $1`, [first])).toEqual([]);
  });

  it('refuses a forged cursor, an empty query and a long one', async ({ library: { user } }) => {
    for (const cursor of ['x', 'WzEsMl0', Buffer.from('[1,"a",2]').toString('base64url')]) {
      expectProblem(await call(user, 'cat', `&cursor=${cursor}`), 422);
    }
    expectProblem(await call(user, ''), 422);
    expectProblem(await call(user, 'x'.repeat(201)), 422);
  });

  it('accepts any text as a query', async ({ library: { user } }) => {
    const nasty = fc.constantFrom(
      "'",
      '"',
      '\\',
      ':*',
      '&',
      '|',
      '!',
      '(',
      ')',
      '<->',
      '%',
      '\u{1}',
      '$1',
      'ﷺ',
      'タ',
      '́',
      ' ',
      'a',
    );
    const q = fc.oneof(
      fc.array(nasty, { minLength: 1, maxLength: 40 }).map((parts) => parts.join('')),
      fc.string({ unit: 'grapheme', minLength: 1, maxLength: 60 }),
    );
    await fc.assert(
      fc.asyncProperty(q, async (text) => {
        const { status } = await call(user, text);
        expect([200, 422]).toContain(status);
        if (!text.includes('\0')) expect(status).toBe(200);
      }),
      { seed, numRuns: 150 },
    );
  });

  it('indexes a message whose transaction commits after a later one', async ({ sql, user, indexed, write }) => {
    const roomId = await user.room('Late');
    const [late] = await sql<{ id: string }>(`select nextval(pg_get_serial_sequence('messages', 'id')) as id`);
    await write(user, roomId, ['Written first']);
    await sql(
      `insert into messages (id, chatroom_id, user_id, is_from_user, content) overriding system value
        select $1, $2, user_id, true, 'Latecomer' from chatrooms where id = $2`,
      [late!.id, roomId],
    );
    await indexed(Number(late!.id));
    expect(await search(user, 'latecomer')).toHaveLength(1);
  });

  it('indexes extreme texts', async ({ user, write }) => {
    const distinct = Array.from({ length: 6000 }, (_, n) => `${'ﷺ'.repeat(4)}${n}`)
      .join(' ')
      .slice(0, 32_000);
    const han = Array.from({ length: 32_000 }, (_, n) => String.fromCodePoint(0x4e00 + ((n * 7919) % 20_000))).join('');
    const ids = await write(user, await user.room('Extreme'), [distinct, han, '𠮷'.repeat(32_000), 'x'.repeat(32_000)]);
    expect(await search(user, han.slice(100, 110))).toHaveLength(1);
    expect((await search(user, 'x'.repeat(200))).map(({ message_id: id }) => id)).toEqual([ids[3]]);
  });
});
