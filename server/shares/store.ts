/** SQL for shared chats: written through the owner's room, read by the link's handle. */
import { modelThatWrote } from '../messages/store.ts';
import type { Connection, Statement } from '../ports/database.ts';

/** Shares of a room. */
export const sharesAtMost = 100;
/** Length of a copy as JSON; bounds the memory of its readers. */
export const copyBytesAtMost = 1024 * 1024;
/** The names of the files of a message, in an object each. */
const fileNames = `(select json_agg(json_build_object('name', a.name)) from jsonb_to_recordset(m.attachments) as a (name text))`;
/** Members, id and time of a message in JSON take more than this. */
const bytesBesideText = 80;

export interface ShareRow {
  readonly id: number;
  readonly handle: string;
  readonly createdAt: Date;
}

const lock: Statement<{ id: number }> = {
  name: 'share_lock_room',
  text: `select id from chatrooms where id = $2 and user_id = $1 for no key update`,
};

interface AddRow {
  readonly shares: number;
  /** Null if nothing was added. */
  readonly id: number | null;
  readonly createdAt: Date | null;
}

/**
 * Values: room, handle, shares and bytes at most. Copies inside the database. Sizes are added up before any text is read:
 * PostgreSQL knows them without.
 */
const add: Statement<AddRow> = {
  name: 'share_add',
  text: `with recursive path as (
      select id, parent_id, 1 as depth from messages where chatroom_id = $1 and id = pollux_path_end($1)
      union all
      select m.id, m.parent_id, path.depth + 1 from path join messages m on m.id = path.parent_id and m.chatroom_id = $1
      where path.depth <= $4::int / ${bytesBesideText}
    ), finished as (
      select m.id, path.depth from path join messages m on m.id = path.id
      where m.is_from_user or octet_length(m.content) > 0
    ), size as (
      select coalesce(sum(octet_length(m.content) + coalesce(octet_length(m.attachments::text), 0) + ${bytesBesideText}), 0) as bytes
      from finished join messages m on m.id = finished.id
    ), taken as (
      select count(*)::int as shares from shares where chatroom_id = $1
    ), copy as materialized (
      select coalesce(json_agg(json_build_object('content', m.content, 'is_from_user', m.is_from_user,
        'model', ${modelThatWrote('r')}, 'attachments', coalesce(${fileNames}, '[]'),
        'created_at', to_char(m.created_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'))
        order by finished.depth desc), '[]')::text as messages
      from finished join messages m on m.id = finished.id left join replies r on r.message_id = m.id
      where (select bytes from size) <= $4::int
    ), added as (
      insert into shares (chatroom_id, handle, name, messages)
      select c.id, $2, c.name, copy.messages from chatrooms c, taken, size, copy
      where c.id = $1 and taken.shares < $3::int and size.bytes <= $4::int and octet_length(copy.messages) <= $4::int
      returning id, created_at
    )
    select taken.shares, added.id, added.created_at as "createdAt" from taken left join added on true`,
};

export type Added = { readonly share: ShareRow } | { readonly refused: 'missing' | 'shares' | 'share-size' };

/** Freezes the current path of a room. Must run in a transaction: the room is locked while its shares are counted. */
export async function addShare(tx: Connection, userId: number, roomId: number, handle: string): Promise<Added> {
  const rooms = await tx.run(lock, [userId, roomId]);
  if (rooms.length === 0) return { refused: 'missing' };
  const rows = await tx.run(add, [roomId, handle, sharesAtMost, copyBytesAtMost]);
  const { shares, id, createdAt } = rows[0]!;
  if (id !== null && createdAt !== null) return { share: { id, handle, createdAt } };
  return { refused: shares >= sharesAtMost ? 'shares' : 'share-size' };
}

const list: Statement<{ [K in keyof ShareRow]: ShareRow[K] | null }> = {
  name: 'share_list',
  text: `select s.id, s.handle, s.created_at as "createdAt" from chatrooms c left join lateral (
      select * from shares where chatroom_id = c.id order by id desc limit ${sharesAtMost}
    ) as s on true
    where c.id = $2 and c.user_id = $1 order by s.id desc`,
};

/** Newest first; null if the room is not the user's. */
export async function listShares(db: Connection, userId: number, roomId: number): Promise<ShareRow[] | null> {
  const rows = await db.run(list, [userId, roomId]);
  return rows.length === 0 ? null : rows.filter((row): row is ShareRow => row.id !== null);
}

const remove: Statement<{ id: number }> = {
  name: 'share_delete',
  text: `delete from shares s using chatrooms c
    where s.id = $3 and s.chatroom_id = $2 and c.id = s.chatroom_id and c.user_id = $1 returning s.id`,
};

export async function deleteShare(db: Connection, userId: number, roomId: number, id: number): Promise<boolean> {
  const rows = await db.run(remove, [userId, roomId, id]);
  return rows.length > 0;
}

export interface SharedRow {
  readonly id: number;
  readonly name: string;
  readonly createdAt: Date;
}

const find: Statement<SharedRow> = {
  name: 'shared_find',
  text: `select s.id, s.name, s.created_at as "createdAt" from shares s join chatrooms c on c.id = s.chatroom_id
      join users u on u.id = c.user_id
    where s.handle = $1 and u.blocked_at is null`,
};

/** The share without its text; null once it is deleted, and while its account is blocked. */
export async function findShared(db: Connection, handle: string): Promise<SharedRow | null> {
  const rows = await db.run(find, [handle]);
  return rows[0] ?? null;
}

const read: Statement<{ messages: string }> = {
  name: 'shared_text',
  text: `select messages from shares where id = $1`,
};

/** The frozen messages as JSON; null once the share is deleted. */
export async function readSharedText(db: Connection, id: number): Promise<string | null> {
  const rows = await db.run(read, [id]);
  return rows[0]?.messages ?? null;
}
