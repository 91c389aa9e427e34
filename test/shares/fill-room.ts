/** Appends an answered question to a room, as if it had been asked. */
import type { Sql } from '../sql.ts';

export async function fillRoom(sql: Sql, roomId: number, question: string, answer: string): Promise<void> {
  for (const [isFromUser, content] of [
    [true, question],
    [false, answer],
  ] as const) {
    await sql(
      `with added as (
         insert into messages (chatroom_id, user_id, parent_id, is_from_user, content)
         select id, user_id, head_id, $2, $3 from chatrooms where id = $1 returning id
       )
       update chatrooms set head_id = (select id from added) where id = $1`,
      [roomId, isFromUser, content],
    );
  }
}
