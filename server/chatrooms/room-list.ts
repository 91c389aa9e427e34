/** The first page of a user's rooms, cached as serialised JSON. */
import type { Chatroom } from '../../contract/chatrooms.ts';
import { entityTag } from '../http/conditional.ts';
import type { Cache } from '../ports/cache.ts';
import type { Database } from '../ports/database.ts';
import { listRooms, type ChatroomRow } from './store.ts';

export const pageSize = 100;
const ttlMs = 5 * 60_000;

export interface RoomList {
  /** The response body: a JSON array. */
  readonly body: string;
  /** Id of the last room if there are further pages. */
  readonly olderThan: number | null;
  /** Changes whenever the rest does; kept too, since making it costs a tenth of the answer. */
  readonly tag: string;
}

/** Reads the list, from the cache if possible. */
export async function readRoomList({ cache, db }: { cache: Cache; db: Database }, userId: number): Promise<RoomList> {
  const kept = await cache.remember(listKey(userId), ttlMs, async () => {
    const rows = await listRooms(db, userId, { limit: pageSize + 1 });
    const page = rows.slice(0, pageSize);
    const olderThan = rows.length > pageSize ? String(page.at(-1)!.id) : '';
    const body = JSON.stringify(page.map(presentRoom));
    return `${entityTag(`${olderThan}\n${body}`)} ${olderThan}\n${body}`;
  });
  const end = kept.indexOf('\n');
  const [tag = '', olderThan = ''] = kept.slice(0, end).split(' ');
  return { tag, olderThan: olderThan === '' ? null : Number(olderThan), body: kept.slice(end + 1) };
}

/** Must be called after every committed change to the list, before the response. */
export async function forgetRoomList(cache: Cache, userId: number): Promise<void> {
  await cache.forget(listKey(userId));
}

export function presentRoom(row: ChatroomRow): Chatroom {
  return {
    id: row.id,
    name: row.name,
    name_source: row.nameSource,
    created_at: row.createdAt.toISOString(),
    updated_at: row.updatedAt.toISOString(),
    head_id: row.headId,
  };
}

function listKey(userId: number): string {
  return `rooms:${userId}`;
}
