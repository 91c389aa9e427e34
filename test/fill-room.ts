/** Stores a long conversation in a room without a model. */
import type { Sql } from './sql.ts';

/** Links the messages of each room into one path, in the order of their ids. */
export const chainMessages = [
  `update messages m set parent_id = earlier.id
   from (select id as child, lag(id) over (partition by chatroom_id order by id) as id from messages) as earlier
   where m.id = earlier.child and m.parent_id is distinct from earlier.id`,
  `update chatrooms c set head_id = (select max(id) from messages where chatroom_id = c.id)`,
] as const;

/** Appends messages of the user with this text to the room's path; returns their ids. */
export async function fillRoom(sql: Sql, roomId: number, text: string, count: number): Promise<number[]> {
  const rows = await sql<{ id: number }>(
    `with room as (
       select id, user_id, head_id from chatrooms where id = $1
     ), made as materialized (
       select nextval('messages_id_seq') as id from generate_series(1, $3::int)
     ), added as (
       insert into messages (id, chatroom_id, user_id, parent_id, is_from_user, content) overriding system value
       select made.id, room.id, room.user_id, lag(made.id, 1, room.head_id) over (order by made.id), true, $2
       from room, made returning id
     ), moved as (
       update chatrooms set head_id = (select max(id) from added) where id = $1
     )
     select id from added order by id`,
    [roomId, text, count],
  );
  return rows.map(({ id }) => id);
}
