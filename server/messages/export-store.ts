/** SQL that reads a whole room in pages, all branches of its tree. */
import type { Connection, Statement } from '../ports/database.ts';
import { ownColumns, type MessageRow } from './store.ts';

export type BranchRow = Omit<MessageRow, 'versions'>;

/** Text after which a page ends; bounds this process's memory. */
const pageBytes = 1024 * 1024;
const pageRows = 200;

/** Values: user, room, after. Cut by length, which PostgreSQL knows without reading the text; at least one message. */
const branches: Statement<BranchRow | { readonly id: null }> = {
  name: 'messages_branches',
  text: `select page.* from chatrooms c left join lateral (
      select ${ownColumns('m', 'm')} from (
        select m.*, sum(bytes) over (order by m.id rows unbounded preceding) - bytes as bytes_before from (
          select m.id, m.content, m.is_from_user, m.created_at, m.parent_id, r.question_id, r.status, r.text, r.code,
          r.truncated, r.epoch, r.charged_on, r.model, octet_length(coalesce(r.text, m.content)) as bytes
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
