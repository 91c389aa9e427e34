/** SQL for chat rooms. Every query filters by owner, so another user's room does not exist. */
import type { Connection, Statement } from '../ports/database.ts';
import type { chatrooms } from './tables.ts';

type Columns = Omit<typeof chatrooms.$inferSelect, 'userId' | 'instructions' | 'readId'>;

export interface ListedRow extends Columns {
  /** Replies after the last message read that have finished, at most 100. */
  readonly unread: number;
}

export interface ChatroomRow extends ListedRow {
  readonly instructions: string | null;
}

const mostUnread = 100;

const listedOf = (room: string) => `${room}.id, ${room}.name, ${room}.name_source as "nameSource", ${room}.model,
  ${room}.pinned, ${room}.archived, ${room}.created_at as "createdAt", ${room}.updated_at as "updatedAt",
  ${room}.head_id as "headId", (
    select count(*)::int from (
      select from messages m join replies r on r.message_id = m.id
      where m.chatroom_id = ${room}.id and m.id > ${room}.read_id and r.status in ('complete', 'failed', 'cancelled')
      limit ${mostUnread}
    ) as finished
  ) as unread`;
const listed = listedOf('chatrooms');
const wholeOf = (room: string) => `${listedOf(room)}, ${room}.instructions`;
const whole = wholeOf('chatrooms');

const conditions = {
  live: 'not archived',
  archived: 'archived',
  any: 'true',
  live_pinned: 'pinned and not archived',
  archived_pinned: 'pinned and archived',
  any_pinned: 'pinned',
};
export type RoomFilter = keyof typeof conditions;

/** A place between two rooms of a list. */
export interface ListPosition {
  /** `infinity` is before all rooms. */
  readonly updatedAt: Date | 'infinity';
  readonly id: number;
}

/** Values: user, limit, position. */
const older = (filter: RoomFilter): Statement<ListedRow> => ({
  name: `chatrooms_older_${filter}`,
  text: `select ${listed} from chatrooms
    where user_id = $1 and ${conditions[filter]} and (updated_at, id) < ($3::timestamptz, $4::bigint)
    order by updated_at desc, id desc limit $2`,
});
const newer = (filter: RoomFilter): Statement<ListedRow> => ({
  name: `chatrooms_newer_${filter}`,
  text: `select * from (
      select ${listed} from chatrooms
      where user_id = $1 and ${conditions[filter]} and (updated_at, id) > ($3::timestamptz, $4::bigint)
      order by updated_at, id limit $2
    ) as page order by "updatedAt" desc, id desc`,
});

export interface ChatroomPage {
  readonly filter: RoomFilter;
  readonly limit: number;
  readonly direction: 'older' | 'newer';
  readonly from: ListPosition;
}

/** Rooms by latest activity. */
export async function listRooms(
  db: Connection,
  userId: number,
  { filter, limit, direction, from }: ChatroomPage,
): Promise<ListedRow[]> {
  const statement = direction === 'older' ? older(filter) : newer(filter);
  return db.run(statement, [userId, limit, from.updatedAt, from.id]);
}

const position: Statement<ListPosition> = {
  name: 'chatroom_position',
  text: `select updated_at as "updatedAt", id from chatrooms where id = $2 and user_id = $1`,
};

/** Position of a room in its owner's list; null if it is not the user's. */
export async function readPosition(db: Connection, userId: number, id: number): Promise<ListPosition | null> {
  const rows = await db.run(position, [userId, id]);
  return rows[0] ?? null;
}

const add: Statement<ChatroomRow> = {
  name: 'chatroom_add',
  text: `insert into chatrooms (user_id, name, name_source) values ($1, $2, $3) returning ${whole}`,
};

const defaultName = 'New chat';

/** A room with this name, or with the default one. */
export async function addRoom(db: Connection, userId: number, name: string | undefined): Promise<ChatroomRow> {
  const [row] = await db.run(add, [userId, name ?? defaultName, name === undefined ? 'default' : 'user']);
  return row!;
}

const read: Statement<ChatroomRow> = {
  name: 'chatroom_read',
  text: `select ${whole} from chatrooms where id = $1 and user_id = $2`,
};

export async function readRoom(db: Connection, userId: number, id: number): Promise<ChatroomRow | null> {
  const rows = await db.run(read, [id, userId]);
  return rows[0] ?? null;
}

/** What a room adds to the prompts of its questions. */
export interface AskedRoom {
  readonly instructions: string | null;
  /** Neither a person nor the server has named it. */
  readonly isUnnamed: boolean;
  /** Files stand on its messages. */
  readonly hasFiles: boolean;
}

const asked: Statement<AskedRoom & { id: number }> = {
  name: 'chatrooms_asked',
  text: `select c.id, c.instructions, c.name_source = 'default' as "isUnnamed", files.present as "hasFiles"
    from unnest($1::bigint[], $2::bigint[]) as asked (user_id, id)
    join chatrooms c on c.id = asked.id and c.user_id = asked.user_id
      cross join lateral (select exists (select from files f where f.chatroom_id = c.id) as present) as files
    where c.instructions is not null or c.name_source = 'default' or files.present`,
};

export interface OwnedRoom {
  readonly userId: number;
  readonly roomId: number;
}

/** By room; left out are named rooms without instructions and files, and those that are not the user's. */
export async function readAskedRooms(db: Connection, rooms: readonly OwnedRoom[]): Promise<Map<number, AskedRoom>> {
  const ids = rooms.map(({ roomId }) => roomId);
  const rows = await db.run(asked, [rooms.map(({ userId }) => userId), ids]);
  return new Map(rows.map(({ id, ...room }) => [id, room]));
}

/**
 * Values: user, room, name, head, instructions, model, pinned, archived, read; null = unchanged, an empty text clears. The room is
 * locked before the end of its path is looked up, so that messages sent at the same moment are seen.
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
        instructions = nullif(coalesce($5::text, c.instructions), ''), model = nullif(coalesce($6::text, c.model), ''),
        pinned = coalesce($7::boolean, c.pinned), archived = coalesce($8::boolean, c.archived),
        read_id = greatest(c.read_id, least($9::bigint, (
          select max(m.id) from messages m where m.chatroom_id = path.id and $9 is not null
        ))),
        updated_at = case when $3::text is null then c.updated_at else now() end
      from path where c.id = path.id and ($4 is null or path.leaf is not null) returning c.*
    )
    select ${wholeOf('changed')} from room left join changed on true`,
};

export interface RoomChange {
  readonly name?: string | undefined;
  /** A message that the path shall go through. */
  readonly headId?: number | undefined;
  /** Null clears it. */
  readonly instructions?: string | null | undefined;
  /** Null clears it. */
  readonly model?: string | null | undefined;
  readonly pinned?: boolean | undefined;
  readonly archived?: boolean | undefined;
  /** The newest message read; never moves back. */
  readonly readId?: number | undefined;
}

const orCleared = (text: string | null | undefined) => (text === undefined ? null : (text ?? ''));

/** Null if the room is not the user's, `unknown head` if that message is not in it. */
export async function changeRoom(
  db: Connection,
  userId: number,
  id: number,
  { name, headId, instructions, model, pinned, archived, readId }: RoomChange,
): Promise<ChatroomRow | 'unknown head' | null> {
  const texts = [orCleared(instructions), orCleared(model)];
  const marks = [pinned ?? null, archived ?? null, readId ?? null];
  const [row] = await db.run(change, [userId, id, name ?? null, headId ?? null, ...texts, ...marks]);
  if (row === undefined) return null;
  return row.id === null ? 'unknown head' : row;
}

const remove: Statement<{ keys: string[] }> = {
  name: 'chatroom_delete',
  text: `with stored as materialized (
      select bytes.key from files f cross join lateral (values (f.key), (f.preview_key)) as bytes (key)
      where f.chatroom_id = $1 and f.user_id = $2 and bytes.key is not null limit 1000
    )
    delete from chatrooms where id = $1 and user_id = $2 returning array(select key from stored) as keys`,
};

/** Deletes a room, its messages and files; returns where the bytes of files are, at most 1,000. Null if it is not the user's. */
export async function deleteRoom(db: Connection, userId: number, id: number): Promise<readonly string[] | null> {
  const [row] = await db.run(remove, [id, userId]);
  return row?.keys ?? null;
}
