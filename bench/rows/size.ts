/** A room of 10,000 messages and an account of 1,000,000: paging, prompts, search and export, against small ones. */
import type { Client } from 'pg';
import { chainMessages } from '../../test/fill-room.ts';
import type { Bed, Server } from '../bed.ts';
import { thousands, type Line } from '../line.ts';
import { percentile } from '../measure.ts';
import { addPeople, type Person } from '../people.ts';
import { withClient } from '../postgres.ts';

const largeRoom = 10_000;
const smallRoom = 100;
const largeAccount = 1_000_000;
const exportedAccount = 100_000;
/** Words in every message, in one of 200, and in one of 20,000. */
const vocabulary = [1, 200, 20_000];
const mostSearchMs = 100;
const mostGrowth = 1.3;
const mostExportMb = 100;

export async function size(bed: Bed): Promise<Line[]> {
  await using opened = new AsyncDisposableStack();
  const place = await bed.place('size');
  const product = opened.use(await bed.product('api', place));
  const messages = largeAccount * bed.scale.size;
  const [owner, exporter] = await addPeople(place.DATABASE_URL!, 2);
  const rooms = await withClient(place.DATABASE_URL!, (client) =>
    fill(client, { owner: owner!, exporter: exporter! }, bed),
  );
  const ask = timed(product, owner!);
  const repeats = bed.scale.rounds * 40;
  const page = (roomId: number, more = '') => ask(`/chatroom/${roomId}/messages?limit=50${more}`, repeats);
  const [small, large] = [await page(rooms.small), await page(rooms.large)];
  const linked = await page(rooms.large, `&before=${rooms.middleId}&on_path=true`);
  const walkedTo = await page(rooms.large, `&before=${rooms.middleId}`);
  const prompts = [
    await ask(`/chatroom/${rooms.small}/context`, repeats),
    await ask(`/chatroom/${rooms.large}/context`, repeats),
  ];
  const searches: Line[] = [];
  for (const [index, word] of searched.entries())
    searches.push(await search(ask, word, repeats, messages, index === 0));
  return [
    compared(`size, newest page of a room of ${thousands(largeRoom)}`, large, small, mostGrowth),
    compared(`size, page in the middle of a room of ${thousands(largeRoom)}, by a link`, linked, small, mostGrowth),
    compared(`size, page in the middle of a room of ${thousands(largeRoom)}, by an id`, walkedTo, small, null),
    compared(`size, prompt in a room of ${thousands(largeRoom)}`, prompts[1]!, prompts[0]!, mostGrowth),
    ...searches,
    await exported(bed, place, exporter!),
  ];
}

interface Rooms {
  readonly small: number;
  readonly large: number;
  /** A message in the middle of the large one. */
  readonly middleId: number;
}

/** Inserts messages of ten words, and their entries in the search index, which would take a worker long. */
async function fill(
  client: Client,
  { owner, exporter }: Record<'owner' | 'exporter', Person>,
  bed: Bed,
): Promise<Rooms> {
  const addRooms = async (userId: number, count: number) => {
    const { rows } = await client.query<{ id: string }>(
      `insert into chatrooms (user_id, name) select $1, 'Room ' || n from generate_series(1, $2) n returning id`,
      [userId, count],
    );
    return rows.map(({ id }) => Number(id));
  };
  const total = largeAccount * bed.scale.size;
  const [large] = await addRooms(owner.userId, 1);
  const others = await addRooms(owner.userId, (total - largeRoom) / smallRoom);
  const exported = await addRooms(exporter.userId, (exportedAccount * bed.scale.size) / smallRoom);
  await addMessages(client, [large!], largeRoom);
  await addMessages(client, [...others, ...exported], smallRoom);
  for (const statement of chainMessages) await client.query(statement);
  await client.query(
    `insert into replies (message_id, question_id, chatroom_id, user_id, status, epoch)
     select id, parent_id, chatroom_id, user_id, 'complete', 1 from messages where not is_from_user`,
  );
  await indexAll(client);
  await client.query('vacuum (analyze) messages, replies, chatrooms, search_entries, search_accounts');
  const { rows } = await client.query<{ id: string }>(
    'select id from messages where chatroom_id = $1 order by id offset $2 limit 1',
    [large, largeRoom / 2],
  );
  return { small: others[0]!, large: large!, middleId: Number(rows[0]!.id) };
}

/** Digits as letters, so that they are indexed as words. */
const word = (number: string) => `'word' || translate((${number})::text, '0123456789', 'abcdefghij')`;
const common = 'common';
const searched = [common, 'wor', '"some words"', 'wordbcd'] as const;

async function addMessages(client: Client, roomIds: readonly number[], each: number): Promise<void> {
  const words = vocabulary
    .flatMap((most) => [1, 3, 7].map((step) => word(`(n * ${step} + c.id) % ${most}`)))
    .join(` || ' ' || `);
  await client.query(
    `insert into messages (chatroom_id, user_id, is_from_user, content)
     select c.id, c.user_id, n % 2 = 1, '${common} some words ' || ${words}
     from generate_series(1, $2::int) n, chatrooms c where c.id = any ($1::bigint[]) order by n, c.id`,
    [roomIds, each],
  );
}

/** Inserts entries as a worker does, but without the index, which is created afterwards. */
async function indexAll(client: Client): Promise<void> {
  const { rows } = await client.query<{ name: string; definition: string }>(
    `select indexname as name, indexdef as definition from pg_indexes
     where tablename = 'search_entries' and indexdef like '%USING gin%'`,
  );
  for (const { name } of rows) await client.query(`drop index ${name}`);
  await client.query(
    `insert into search_entries (message_id, user_id, chatroom_id, block, terms)
     select id, user_id, chatroom_id, (row_number() over (partition by user_id order by id) - 1) / 4096,
       to_tsvector('simple', content) from messages`,
  );
  await client.query(
    `insert into search_accounts (user_id, entries) select user_id, count(*) from search_entries group by user_id`,
  );
  await client.query('set maintenance_work_mem = 262144');
  for (const { definition } of rows) await client.query(definition);
}

type Ask = (path: string, times: number) => Promise<number[]>;

/** Milliseconds of each request, one at a time, after a warm-up. */
function timed({ url }: Server, { token }: Person): Ask {
  const headers = { authorization: `Bearer ${token}` };
  const once = async (path: string) => {
    const since = performance.now();
    const answer = await fetch(url + path, { headers });
    await answer.arrayBuffer();
    if (answer.status !== 200) throw new Error(`${path} answers ${answer.status}`);
    return performance.now() - since;
  };
  return async (path, times) => {
    for (let n = 0; n < 5; n += 1) await once(path);
    const took: number[] = [];
    for (let n = 0; n < times; n += 1) took.push(await once(path));
    return took;
  };
}

const ms = (value: number) => `${value.toFixed(1)} ms`;
const both = (took: readonly number[]) => `${ms(percentile(took, 0.5))}, p95 ${ms(percentile(took, 0.95))}`;

function compared(name: string, ours: readonly number[], small: readonly number[], most: number | null): Line {
  const growth = percentile(ours, 0.5) / percentile(small, 0.5);
  return {
    name,
    ours: both(ours),
    bare: `${both(small)} (ours, of ${smallRoom})`,
    ratio: { median: growth, lowest: growth, highest: growth },
    goal: most === null ? '' : `≤ ${most}`,
    met: most === null ? null : growth <= most,
    note: '',
  };
}

async function search(ask: Ask, words: string, times: number, messages: number, explained: boolean): Promise<Line> {
  const took = await ask(`/search?q=${encodeURIComponent(words)}`, times);
  return {
    name: `size, search for ${words} in ${thousands(messages)} messages`,
    ours: both(took),
    bare: '',
    ratio: null,
    goal: `p95 ≤ ${mostSearchMs} ms`,
    met: percentile(took, 0.95) <= mostSearchMs,
    note: explained
      ? 'A word of every message; then a beginning that many words have, a phrase of every message, and a frequent word.'
      : '',
  };
}

async function exported(bed: Bed, place: Record<string, string>, { token }: Person): Promise<Line> {
  await using api = await bed.product('api', place);
  const before = api.child.peakRssMb();
  const answer = await fetch(`${api.url}/user/export`, { headers: { authorization: `Bearer ${token}` } });
  let bytes = 0;
  for await (const chunk of answer.body!) bytes += (chunk as Uint8Array).length;
  const growth = api.child.peakRssMb() - before;
  return {
    name: `size, memory of an export of ${thousands(exportedAccount * bed.scale.size)} messages`,
    ours: `${growth.toFixed(0)} MB`,
    bare: '',
    ratio: null,
    goal: `≤ ${mostExportMb} MB`,
    met: answer.status === 200 && growth <= mostExportMb,
    note: `${(bytes / 1e6).toFixed(1)} MB of archive; the growth of the API's largest resident set.`,
  };
}
