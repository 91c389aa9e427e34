/** SQL that reads messages, always through the owner's room; unsettled text is read from `replies`. */
import type { ReplyStatus } from '../../contract/messages.ts';
import type { Connection, Statement } from '../ports/database.ts';

export interface MessageRow {
  readonly id: number;
  readonly content: string;
  readonly isFromUser: boolean;
  readonly createdAt: Date;
  readonly status: ReplyStatus;
  readonly inReplyTo: number | null;
  readonly code: string | null;
  readonly truncated: boolean;
  readonly attempt: number | null;
  /** The model asked last for a finished reply; otherwise null. */
  readonly model: string | null;
  /** Whether a reply is charged; null for the user's messages. */
  readonly charged: boolean | null;
}

/**
 * The columns of `MessageRow` from aliases of `messages` and of its row in `replies`, outer joined because the user's messages
 * have none.
 */
export function messageColumns(m: string, r: string): string {
  return `${m}.id, coalesce(${r}.text, ${m}.content) as content, ${m}.is_from_user as "isFromUser",
    ${m}.created_at as "createdAt", coalesce(${r}.status, 'complete') as status, ${r}.question_id as "inReplyTo", ${r}.code,
    coalesce(${r}.truncated, false) as truncated, ${r}.epoch as attempt,
    case when ${r}.status in ('complete', 'failed', 'cancelled') then ${r}.model end as model,
    case when not ${m}.is_from_user then ${r}.charged_on is not null end as charged`;
}

/** Text after which a page ends; bounds this process's memory. */
const pageBytes = 1024 * 1024;

type RoomMessageRow = { readonly roomId: number } & ((MessageRow & { readonly found: number }) | { readonly id: null });

/**
 * A page of a room. The outer join distinguishes an empty room from a missing one. The page is cut by `octet_length`, which
 * PostgreSQL knows without reading the text; `found` counts its messages and at most one beyond it.
 */
function pageStatement(name: string, where: string, order: 'asc' | 'desc'): Statement<RoomMessageRow> {
  return {
    name,
    text: `select c.id as "roomId", page.* from chatrooms c left join lateral (
        select ${messageColumns('m', 'm')}, found from (
          select m.*, count(*) over ()::int as found, row_number() over so_far as place,
            sum(bytes) over so_far - bytes as bytes_before
          from (
            select m.*, r.question_id, r.status, r.text, r.code, r.truncated, r.epoch, r.model, r.charged_on,
              octet_length(coalesce(r.text, m.content)) as bytes
            from messages m left join replies r on r.message_id = m.id
            where m.chatroom_id = c.id and ($3 or r.status is null or r.status in ('complete', 'failed', 'cancelled'))
              ${where}
            order by m.id ${order} limit $4 + 1
          ) as m
          window so_far as (order by m.id ${order} rows unbounded preceding)
        ) as m
        where place <= $4 and bytes_before < ${pageBytes}
      ) as page on true
      where c.id = $2 and c.user_id = $1 order by page.id`,
  };
}

const newest = pageStatement('messages_newest', '', 'desc');
const olderThan = pageStatement('messages_older', 'and m.id < $5', 'desc');
const newerThan = pageStatement('messages_newer', 'and m.id > $5', 'asc');

export interface PageRequest {
  readonly limit: number;
  readonly pending: boolean;
  readonly before?: number | undefined;
  readonly after?: number | undefined;
}

export interface MessagePage {
  /** Oldest first: at most `limit`, fewer if they exceed 1 MiB of text, at least one if there is any. */
  readonly messages: readonly MessageRow[];
  /** There are further messages in the direction of the page. */
  readonly more: boolean;
}

/** A page of a room; null if the room is not the user's. */
export async function listMessages(
  db: Connection,
  { userId, roomId }: { userId: number; roomId: number },
  { limit, pending, before, after }: PageRequest,
): Promise<MessagePage | null> {
  const values = [userId, roomId, pending, limit];
  const rows = await (before !== undefined
    ? db.run(olderThan, [...values, before])
    : after !== undefined
      ? db.run(newerThan, [...values, after])
      : db.run(newest, values));
  if (rows.length === 0) return null;
  const messages = rows.filter((row) => row.id !== null);
  return { messages, more: messages.length > 0 && messages[0]!.found > messages.length };
}

const one: Statement<MessageRow> = {
  name: 'message_one',
  text: `select ${messageColumns('m', 'r')} from messages m join chatrooms c on c.id = m.chatroom_id
      left join replies r on r.message_id = m.id
    where m.id = $3 and c.id = $2 and c.user_id = $1`,
};

export async function readMessage(
  db: Connection,
  userId: number,
  roomId: number,
  id: number,
): Promise<MessageRow | null> {
  const rows = await db.run(one, [userId, roomId, id]);
  return rows[0] ?? null;
}
