/** SQL for the titles of rooms. */
import type { nameSources } from '../../contract/chatrooms.ts';
import type { Connection, Statement } from '../ports/database.ts';

export interface Beginning {
  readonly roomId: number;
  readonly userId: number;
  readonly nameSource: (typeof nameSources)[number];
  readonly model: string | null;
  /** Cut to the length that a title is made from. */
  readonly question: string;
  readonly answer: string;
  /** Of the interface; null if the account has none. */
  readonly language: string | null;
}

/** Values: reply, characters of question and answer. */
const beginning: Statement<Beginning> = {
  name: 'title_beginning',
  text: `select c.id as "roomId", c.user_id as "userId", c.name_source as "nameSource", r.model,
      left(question.content, $2) as question, left(answer.content, $2) as answer, s.language
    from replies r join messages answer on answer.id = r.message_id join messages question on question.id = r.question_id
      join chatrooms c on c.id = r.chatroom_id left join user_settings s on s.user_id = c.user_id
    where r.message_id = $1 and r.status in ('complete', 'cancelled')`,
};

/** A question and its reply, and who has named their room; null if the room was deleted. */
export async function readBeginning(
  db: Connection,
  replyId: number,
  mostCharacters: number,
): Promise<Beginning | null> {
  const rows = await db.run(beginning, [replyId, mostCharacters]);
  return rows[0] ?? null;
}

const name: Statement<{ id: number }> = {
  name: 'title_give',
  text: `update chatrooms set name = $2, name_source = 'auto' where id = $1 and name_source = 'default' returning id`,
};

/** False if the room has a name by now, or was deleted. */
export async function giveTitle(db: Connection, roomId: number, title: string): Promise<boolean> {
  return (await db.run(name, [roomId, title])).length > 0;
}
