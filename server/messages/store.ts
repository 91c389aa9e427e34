/** SQL that reads messages, always through the owner's room, as paths of its tree; unsettled text is read from `replies`. */
import type { Attachment } from '../../contract/attachments.ts';
import type { Rating, ReplyStatus } from '../../contract/messages.ts';
import type { Connection, Statement } from '../ports/database.ts';
import { attachmentsOf } from './attach-store.ts';

export interface MessageRow {
  readonly id: number;
  readonly content: string;
  readonly isFromUser: boolean;
  readonly createdAt: Date;
  readonly status: ReplyStatus;
  readonly inReplyTo: number | null;
  readonly parentId: number | null;
  /** The messages with the same parent, itself included, oldest first. */
  readonly versions: readonly number[];
  readonly code: string | null;
  readonly truncated: boolean;
  readonly attempt: number | null;
  /** The model asked last for a finished reply; otherwise null. */
  readonly model: string | null;
  /** The requested model if another one answered; otherwise null. */
  readonly fallbackFrom: string | null;
  /** Whether a reply is charged; null for the user's messages. */
  readonly charged: boolean | null;
  /** How its owner rated a reply; otherwise null. */
  readonly feedback: Rating | null;
  /** In the order in which they were sent; null for none. */
  readonly attachments: readonly Attachment[] | null;
}

/** The columns of `MessageRow`, as `ownColumns`. */
export function messageColumns(m: string, r: string): string {
  return `${ownColumns(m, r)}, case when ${m}.parent_id is null then array(
      select id from messages where chatroom_id = ${m}.chatroom_id and parent_id is null order by id
    ) else array(
      select id from messages where chatroom_id = ${m}.chatroom_id and parent_id = ${m}.parent_id order by id
    ) end as versions`;
}

/** The model asked last for a finished reply; null for others, and for the user's messages. */
export const modelThatWrote = (r: string) =>
  `case when ${r}.status in ('complete', 'failed', 'cancelled') and ${r}.epoch > 0 then ${r}.model end`;

/**
 * Those without `versions`, from aliases of `messages` and of its row in `replies`, outer joined because the user's messages
 * have none.
 */
export function ownColumns(m: string, r: string): string {
  return `${m}.id, coalesce(${r}.text, ${m}.content) as content, ${m}.is_from_user as "isFromUser",
    ${m}.created_at as "createdAt", coalesce(${r}.status, 'complete') as status, ${r}.question_id as "inReplyTo", ${r}.code,
    coalesce(${r}.truncated, false) as truncated, ${r}.epoch as attempt,
    ${modelThatWrote(r)} as model,
    case when ${modelThatWrote(r)} is not null then ${r}.fallback_from end as "fallbackFrom",
    case when not ${m}.is_from_user then ${r}.charged_on is not null end as charged, ${r}.feedback,
    ${m}.parent_id as "parentId", ${attachmentsOf(m)}`;
}

/** Text after which a page ends; bounds this process's memory. */
const pageBytes = 1024 * 1024;

/** The end of the requested path, and a message of the page; `id` is null if there is none. */
type PathRow = { readonly leaf: number | null } & ((MessageRow & { readonly more: boolean }) | { readonly id: null });

/** The end of the room's path, or of the path through the message `$5`. */
const leaf = 'case when $5::bigint is null then c.head_id else pollux_leaf(c.id, $5) end';

const roomWith = (end: string) => `room as materialized (
    select c.id, ${end} as leaf from chatrooms c where c.id = $2 and c.user_id = $1
  )`;

/** Bytes of a message on a page; PostgreSQL knows `octet_length` without reading the text. */
export const bytesOf = (m: string, r: string) =>
  `octet_length(coalesce(${r}.text, ${m}.content)) + coalesce(octet_length(${m}.attachments::text), 0)`;

/** What a page needs of a message. */
const entry = (id: string) => `select m.id, m.parent_id, (${bytesOf('m', 'r')})::bigint as bytes,
      $3 or r.status is null or r.status in ('complete', 'failed', 'cancelled') as shown
    from messages m left join replies r on r.message_id = m.id where m.id = ${id}`;

const pageOf = (listed: string, more: string) => `select room.leaf, page.* from room left join lateral (
      select ${messageColumns('m', 'r')}, listed.depth, ${more} as more
      from ${listed} as listed join messages m on m.id = listed.id left join replies r on r.message_id = m.id
    ) as page on true order by page.depth desc`;

/**
 * A page of a path: walked up from its end to the cursor `$6`, and from there as far as the page goes. Below the cursor are the
 * messages with higher ids, and if it lies on the path those before it is reached: of messages from before the tree some are
 * older than their parents. With `$7` the walk begins at the cursor: what is above it does not depend on the end of the path.
 */
const older: Statement<PathRow> = {
  name: 'messages_older',
  text: `with recursive ${roomWith(`case when $7 then (
        select id from messages where id = $6 and chatroom_id = c.id
      ) else ${leaf} end`)}, below as (
      select m.id, m.parent_id, $6::bigint is null or m.id < $6 as above from room join messages m on m.id = room.leaf
      union all
      select m.id, m.parent_id, below.id = $6 or m.id < $6 from below join messages m on m.id = below.parent_id
      where not below.above
    ), path as (
      select m.*, 1 as depth, m.shown::int as place, case when m.shown then m.bytes else 0 end as total
      from below, lateral (${entry('below.id')}) as m where below.above
      union all
      select m.*, path.depth + 1, path.place + m.shown::int, path.total + case when m.shown then m.bytes else 0 end
      from path, lateral (${entry('path.parent_id')}) as m where path.place < $4 and path.total < ${pageBytes}
    )
    ${pageOf('(select * from path where shown)', 'm.parent_id is not null')}`,
};

/** The page after the cursor `$6`: walked up to it from the end of the path, and cut from there. */
const newer: Statement<PathRow> = {
  name: 'messages_newer',
  text: `with recursive ${roomWith(leaf)}, path as (
      select m.id, m.parent_id, 1 as depth from room join messages m on m.id = room.leaf
      where m.id > $6 or m.parent_id >= $6
      union all
      select m.id, m.parent_id, path.depth + 1 from path join messages m on m.id = path.parent_id
      where m.id > $6 or m.parent_id >= $6
    ), page as (
      select first.id, depth, count(*) over () as found, row_number() over so_far as place,
        sum(bytes) over so_far - bytes as bytes_before
      from (
        select m.id, m.bytes, upwards.depth from (select id, depth from path order by depth desc offset 0) as upwards,
          lateral (${entry('upwards.id')}) as m
        where m.shown order by upwards.depth desc limit $4::int + 1
      ) as first window so_far as (order by depth desc rows unbounded preceding)
    )
    ${pageOf(`(select * from page where place <= $4 and bytes_before < ${pageBytes})`, 'listed.found > listed.place')}`,
};

export interface PageRequest {
  readonly limit: number;
  readonly pending: boolean;
  readonly before?: number | undefined;
  readonly after?: number | undefined;
  /** `before` is on the path. */
  readonly onPath?: boolean | undefined;
  /** A message that the path goes through; the room's own path if left out. */
  readonly through?: number | undefined;
}

export interface MessagePage {
  /** Oldest first: at most `limit`, fewer if they exceed 1 MiB of text, at least one if there is any. */
  readonly messages: readonly MessageRow[];
  /** There are further messages in the direction of the page. */
  readonly more: boolean;
}

/** A page of a path in a room; null if the room is not the user's, or `through` is not in it. */
export async function listMessages(
  db: Connection,
  { userId, roomId }: { userId: number; roomId: number },
  { limit, pending, before, after, onPath = false, through }: PageRequest,
): Promise<MessagePage | null> {
  const forwards = before === undefined && after !== undefined;
  const values = [userId, roomId, pending, limit, through ?? null, before ?? after ?? null];
  const rows = await (forwards ? db.run(newer, values) : db.run(older, [...values, onPath && before !== undefined]));
  if (rows.length === 0 || (through !== undefined && rows[0]!.leaf === null)) return null;
  const messages = rows.filter((row) => row.id !== null);
  return { messages, more: messages.at(forwards ? -1 : 0)?.more ?? false };
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
