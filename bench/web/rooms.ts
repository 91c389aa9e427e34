/** Rooms with messages, inserted into the database. */
import { chainMessages } from '../../test/fill-room.ts';
import { withClient } from '../postgres.ts';
import { markdown } from './answer.ts';

export interface PastRoom {
  readonly name: string;
  readonly messages: number;
  /** Text of every answer in the room. */
  readonly answer: string;
}

/** An answer of common length, with code, a table and formulas. */
export const richAnswer = markdown(1500);
export const plainAnswer =
  'Most likely the dough was **too cold**. Fermentation slows down sharply below 24 °C.\n\n- Warm the water.\n- Wait longer.\n';

/** Adds a room of the account with this number, with alternating questions and answers. Returns its id. */
export async function addRoom(databaseUrl: string, number: string, room: PastRoom): Promise<number> {
  return withClient(databaseUrl, async (client) => {
    const { rows } = await client.query<{ id: string; userId: string }>(
      `insert into chatrooms (user_id, name) select id, $2 from users where mobile_number = $1
       returning id, user_id as "userId"`,
      [number, room.name],
    );
    const { id, userId } = rows[0]!;
    await client.query(
      `insert into messages (chatroom_id, user_id, is_from_user, content)
       select $1, $2, n % 2 = 1, case when n % 2 = 1 then 'Question ' || n || ': why does it never rise?' else $4 end
       from generate_series(1, $3::int) n order by n`,
      [id, userId, room.messages, room.answer],
    );
    for (const statement of chainMessages) await client.query(statement);
    await client.query(
      `insert into replies (message_id, question_id, chatroom_id, user_id, status, epoch)
       select id, parent_id, chatroom_id, user_id, 'complete', 1 from messages
       where chatroom_id = $1 and not is_from_user`,
      [id],
    );
    return Number(id);
  });
}
