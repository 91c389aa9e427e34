/** The newest 50 messages of a room, against the same query over `pg`, in a small table and in a large one. */
import { chainMessages } from '../../test/fill-room.ts';
import type { Bed, Server } from '../bed.ts';
import { thousands, type Line } from '../line.ts';
import { ratios, spreadOf } from '../measure.ts';
import { addPeople, type Person } from '../people.ts';
import { withClient } from '../postgres.ts';
import { bearer, compareRates, rateLine, rateOf, rawRequest, type Loaded } from '../rates.ts';

const messagesARoom = 100;
const small = 1000;
const large = 1_000_000;

export async function history(bed: Bed): Promise<Line[]> {
  await using opened = new AsyncDisposableStack();
  const few = await table(bed, small, opened);
  const many = await table(bed, large * bed.scale.size, opened);
  const rates = await compareRates(bed, {
    ours1k: few.ours,
    bare1k: few.bare,
    ours1m: many.ours,
    bare1m: many.bare,
  });
  const growth = ratios(rates.ours1k.map(rateOf), rates.ours1m.map(rateOf));
  const rateAt = (side: 'ours1k' | 'ours1m') => `${thousands(spreadOf(rates[side].map(rateOf)).median)}/s`;
  return [
    rateLine(`history, ${thousands(small)} messages`, rates.ours1k, rates.bare1k, { least: 0.75 }),
    rateLine(`history, ${thousands(large * bed.scale.size)} messages`, rates.ours1m, rates.bare1m, { least: 0.75 }),
    {
      name: 'history, time of large against small',
      ours: rateAt('ours1m'),
      bare: `${rateAt('ours1k')} (ours)`,
      ratio: growth,
      goal: '≤ 1.3',
      met: growth.median <= 1.3,
      note: '',
    },
  ];
}

async function table(
  bed: Bed,
  messages: number,
  opened: AsyncDisposableStack,
): Promise<{ ours: Loaded; bare: Loaded }> {
  const place = await bed.place('history');
  const product: Server = opened.use(await bed.product('api', place));
  const bare: Server = opened.use(await bed.bare('history', place));
  const readers = await addPeople(place.DATABASE_URL!, messages / messagesARoom);
  await addMessages(place.DATABASE_URL!);
  const some = readers.filter((_, index) => index % Math.ceil(readers.length / 200) === 0);
  return {
    ours: { server: product, requests: some.map((reader) => rawRequest('GET', pageOf(reader), bearer(reader.token))) },
    bare: {
      server: bare,
      requests: some.map((reader) => rawRequest('GET', pageOf(reader), { 'x-user': String(reader.userId) })),
    },
  };
}

function pageOf({ roomId }: Person): string {
  return `/chatroom/${roomId}/messages?limit=50`;
}

/** Fills the rooms alternately, so that the messages of one room are far apart in the table. */
async function addMessages(databaseUrl: string): Promise<void> {
  await withClient(databaseUrl, async (client) => {
    await client.query(
      `insert into messages (chatroom_id, user_id, is_from_user, content)
       select c.id, c.user_id, n % 2 = 1, repeat('Some words of an answer. ', 8)
       from generate_series(1, ${messagesARoom}) n, chatrooms c order by n, c.id`,
    );
    for (const statement of chainMessages) await client.query(statement);
    await client.query(
      `insert into replies (message_id, question_id, chatroom_id, user_id, status, epoch)
       select id, parent_id, chatroom_id, user_id, 'complete', 1 from messages where not is_from_user`,
    );
    await client.query('vacuum (analyze) messages, replies, chatrooms');
  });
}
