/** SQL that reads a whole room in pages: its path, or all branches of its tree. */
import type { Connection, Statement } from '../ports/database.ts';
import { bytesOf, ownColumns, type MessageRow } from './store.ts';

export type BranchRow = Omit<MessageRow, 'versions'>;

/** Text after which a page ends; bounds this process's memory. */
const pageBytes = 1024 * 1024;
const pageRows = 200;

/** What a walk up a path needs of a message. */
const entry = (id: string) => `select m.id, m.parent_id, ${bytesOf('m', 'r')} as bytes,
      r.status is null or r.status in ('complete', 'failed', 'cancelled') as shown
    from messages m left join replies r on r.message_id = m.id where m.id = ${id}`;

/** Values: user, room, after. Cut by length, which PostgreSQL knows without reading the text; at least one message. */
const branches: Statement<BranchRow | { readonly id: null }> = {
  name: 'messages_branches',
  text: `select page.* from chatrooms c left join lateral (
      select ${ownColumns('m', 'm')} from (
        select m.*, sum(bytes) over (order by m.id rows unbounded preceding) - bytes as bytes_before from (
          select m.id, m.content, m.is_from_user, m.created_at, m.parent_id, r.question_id, r.status, r.text, r.code,
          r.truncated, r.epoch, r.charged_on, r.feedback, r.model, r.fallback_from, m.attachments,
          ${bytesOf('m', 'r')} as bytes
          from messages m left join replies r on r.message_id = m.id
          where m.chatroom_id = c.id and m.id > $3 and (r.status is null or r.status in ('complete', 'failed', 'cancelled'))
          order by m.id limit ${pageRows}
        ) as m
      ) as m
      where bytes_before < ${pageBytes}
    ) as page on true
    where c.id = $2 and c.user_id = $1 order by page.id`,
};

/** The next finished messages of a room by id, at most 1 MiB; empty at the end, null if the room is not the user's. */
export async function readBranches(
  db: Connection,
  { userId, roomId, after }: { userId: number; roomId: number; after: number },
): Promise<BranchRow[] | null> {
  const rows = await db.run(branches, [userId, roomId, after]);
  return rows.length === 0 ? null : rows.filter((row) => row.id !== null);
}

/** Walked once, since a page that is looked for from the end of a path takes as long as the path is. */
const pathPages: Statement<{ readonly ids: readonly number[] }> = {
  name: 'messages_path_pages',
  text: `with recursive path as (
      select m.*, 1 as depth from chatrooms c, lateral (${entry('c.head_id')}) as m where c.id = $2 and c.user_id = $1
      union all
      select m.*, path.depth + 1 from path, lateral (${entry('path.parent_id')}) as m
    ), placed as (
      select id, row_number() over so_far as place, sum(bytes) over so_far as total
      from path where shown window so_far as (order by depth desc rows unbounded preceding)
    )
    select array_agg(id order by place) as ids from placed
    group by (place - 1) / ${pageRows}, trunc(total / ${pageBytes}) order by min(place)`,
};

/** The ids of the finished messages on a room's path, by pages of at most 200 messages or 1 MiB and a message. */
export async function readPathPages(
  db: Connection,
  { userId, roomId }: { userId: number; roomId: number },
): Promise<(readonly number[])[]> {
  return (await db.run(pathPages, [userId, roomId])).map(({ ids }) => ids);
}

const pathPage: Statement<BranchRow> = {
  name: 'messages_path_page',
  text: `select ${ownColumns('m', 'r')} from unnest($3::bigint[]) with ordinality as listed(id, place)
    join messages m on m.id = listed.id join chatrooms c on c.id = m.chatroom_id and c.id = $2 and c.user_id = $1
    left join replies r on r.message_id = m.id order by listed.place`,
};

/** These messages of a room in this order, those left out that are not there any more. */
export async function readPathPage(
  db: Connection,
  { userId, roomId, ids }: { userId: number; roomId: number; ids: readonly number[] },
): Promise<BranchRow[]> {
  return db.run(pathPage, [userId, roomId, ids]);
}

const live: Statement<{ id: number }> = {
  name: 'messages_exportable',
  text: `select c.id from chatrooms c join users u on u.id = c.user_id
    where c.id = $2 and c.user_id = $1 and u.deleted_at is null`,
};

/** Whether nothing of the room can have been erased so far. */
export async function isWhole(
  db: Connection,
  { userId, roomId }: { userId: number; roomId: number },
): Promise<boolean> {
  return (await db.run(live, [userId, roomId])).length > 0;
}
