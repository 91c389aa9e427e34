/** SQL for chat rooms. Every query filters by owner, so another user's room does not exist. */
import type { Connection, Statement } from '../ports/database.ts';
import type { chatrooms } from './tables.ts';

export type ChatroomRow = Pick<typeof chatrooms.$inferSelect, 'id' | 'name' | 'createdAt' | 'updatedAt'>;

const listed = `id, name, created_at as "createdAt", updated_at as "updatedAt"`;

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
  text: `insert into chatrooms (user_id, name) values ($1, $2) returning ${listed}`,
};

export async function addRoom(db: Connection, userId: number, name: string): Promise<ChatroomRow> {
  const [row] = await db.run(add, [userId, name]);
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

const rename: Statement<ChatroomRow> = {
  name: 'chatroom_rename',
  text: `update chatrooms set name = $3, updated_at = now() where id = $1 and user_id = $2 returning ${listed}`,
};

export async function renameRoom(
  db: Connection,
  userId: number,
  id: number,
  name: string,
): Promise<ChatroomRow | null> {
  const rows = await db.run(rename, [id, userId, name]);
  return rows[0] ?? null;
}

const remove: Statement<{ id: number }> = {
  name: 'chatroom_delete',
  text: `delete from chatrooms where id = $1 and user_id = $2 returning id`,
};

export async function deleteRoom(db: Connection, userId: number, id: number): Promise<boolean> {
  const rows = await db.run(remove, [id, userId]);
  return rows.length > 0;
}
