/** Writes an answered question at the end of a room, as if it had been asked. */
import type { Sql } from '../sql.ts';

export async function fillRoom(sql: Sql, roomId: number, question: string, answer: string): Promise<void> {
  const asked = await sql<{ id: number }>(
    `insert into messages (chatroom_id, user_id, parent_id, is_from_user, content)
      select id, user_id, pollux_path_end(id), true, $2 from chatrooms where id = $1 returning id`,
    [roomId, question],
  );
  await sql(
    `insert into messages (chatroom_id, user_id, parent_id, is_from_user, content)
      select id, user_id, $2::bigint, false, $3 from chatrooms where id = $1`,
    [roomId, asked[0]!.id, answer],
  );
}
