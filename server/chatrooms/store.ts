/** SQL for chat rooms. Every query filters by owner, so another user's room does not exist. */
import type { Connection, Statement } from '../ports/database.ts';
import type { chatrooms } from './tables.ts';

export type ChatroomRow = Pick<
  typeof chatrooms.$inferSelect,
  'id' | 'name' | 'nameSource' | 'createdAt' | 'updatedAt' | 'headId'
>;

const listedOf = (
  room: string,
) => `${room}.id, ${room}.name, ${room}.name_source as "nameSource", ${room}.created_at as "createdAt",
  ${room}.updated_at as "updatedAt", ${room}.head_id as "headId"`;
const listed = listedOf('chatrooms');

const firstPage: Statement<ChatroomRow> = {
  name: 'chatrooms_first_page',
  text: `select ${listed} from chatrooms where user_id = $1 order by updated_at desc, id desc limit $2`,
};
const olderThan: Statement<ChatroomRow> = {
  name: 'chatrooms_older',
  text: `select ${listed} from chatrooms
    where user_id = $1 and (updated_at, id) < (select updated_at, id from chatrooms where id = $3 and user_id = $1)
    order by updated_at desc, id desc limit $2`,
};
const newerThan: Statement<ChatroomRow> = {
  name: 'chatrooms_newer',
  text: `select * from (
      select ${listed} from chatrooms
      where user_id = $1 and (updated_at, id) > (select updated_at, id from chatrooms where id = $3 and user_id = $1)
      order by updated_at, id limit $2
    ) as page order by "updatedAt" desc, id desc`,
};

export interface ChatroomPage {
  readonly limit: number;
  readonly before?: number | undefined;
  readonly after?: number | undefined;
}

/** Rooms by latest activity. A cursor that is not a room of the user returns an empty page. */
export async function listRooms(
  db: Connection,
  userId: number,
  { limit, before, after }: ChatroomPage,
): Promise<ChatroomRow[]> {
  if (before !== undefined) return db.run(olderThan, [userId, limit, before]);
  if (after !== undefined) return db.run(newerThan, [userId, limit, after]);
  return db.run(firstPage, [userId, limit]);
}

const add: Statement<ChatroomRow> = {
  name: 'chatroom_add',
  text: `insert into chatrooms (user_id, name, name_source) values ($1, $2, $3) returning ${listed}`,
};

const defaultName = 'New chat';

/** A room with this name, or with the default one. */
export async function addRoom(db: Connection, userId: number, name: string | undefined): Promise<ChatroomRow> {
  const [row] = await db.run(add, [userId, name ?? defaultName, name === undefined ? 'default' : 'user']);
  return row!;
}

const read: Statement<ChatroomRow> = {
  name: 'chatroom_read',
  text: `select ${listed} from chatrooms where id = $1 and user_id = $2`,
};

export async function readRoom(db: Connection, userId: number, id: number): Promise<ChatroomRow | null> {
  const rows = await db.run(read, [id, userId]);
  return rows[0] ?? null;
}

/**
 * Values: user, room, name, head; null = as it is. The room is locked before the end of its path is looked up, so that
 * messages sent at the same moment are seen.
 */
const change: Statement<ChatroomRow | { readonly id: null }> = {
  name: 'chatroom_change',
  text: `with room as materialized (
      select id, head_id from chatrooms where id = $2 and user_id = $1 for no key update
    ), path as materialized (
      select id, case when $4::bigint is null then head_id else pollux_leaf(id, $4) end as leaf from room
    ), changed as (
      update chatrooms c set name = coalesce($3, c.name),
        name_source = case when $3::text is null then c.name_source else 'user' end, head_id = path.leaf,
        updated_at = case when $3::text is null then c.updated_at else now() end
      from path where c.id = path.id and ($4 is null or path.leaf is not null) returning c.*
    )
    select ${listedOf('changed')} from room left join changed on true`,
};

export interface RoomChange {
  readonly name?: string | undefined;
  /** A message that the path shall go through. */
  readonly headId?: number | undefined;
}

/** Null if the room is not the user's, `unknown head` if that message is not in it. */
export async function changeRoom(
  db: Connection,
  userId: number,
  id: number,
  { name, headId }: RoomChange,
): Promise<ChatroomRow | 'unknown head' | null> {
  const [row] = await db.run(change, [userId, id, name ?? null, headId ?? null]);
  if (row === undefined) return null;
  return row.id === null ? 'unknown head' : row;
}

const remove: Statement<{ id: number }> = {
  name: 'chatroom_delete',
  text: `delete from chatrooms where id = $1 and user_id = $2 returning id`,
};

export async function deleteRoom(db: Connection, userId: number, id: number): Promise<boolean> {
  const rows = await db.run(remove, [id, userId]);
  return rows.length > 0;
}
