/** The first page of a user's rooms that are not archived, cached as serialised JSON. */
import type { Chatroom } from '../../contract/chatrooms.ts';
import { entityTag } from '../http/conditional.ts';
import type { Cache } from '../ports/cache.ts';
import type { Database } from '../ports/database.ts';
import { writeCursor, type Place } from './cursor.ts';
import { listRooms, type ChatroomRow, type ListedRow } from './store.ts';

export const pageSize = 100;

export const listStart: Place = {
  direction: 'older',
  from: { updatedAt: 'infinity', id: 0 },
};
const ttlMs = 5 * 60_000;

export interface RoomList {
  /** The response body: a JSON array. */
  readonly body: string;
  /** Cursor of the next page; null if there is none. */
  readonly next: string | null;
  /** Changes whenever the rest does; kept too, since making it costs a tenth of the answer. */
  readonly tag: string;
}

/** Reads the list, from the cache if possible. */
export async function readRoomList({ cache, db }: { cache: Cache; db: Database }, userId: number): Promise<RoomList> {
  const kept = await cache.remember(listKey(userId), ttlMs, async () => {
    const rows = await listRooms(db, userId, { ...listStart, filter: 'live', limit: pageSize + 1 });
    const page = rows.slice(0, pageSize);
    const next = rows.length > pageSize ? writeCursor('older', page.at(-1)!) : '';
    const body = JSON.stringify(page.map(presentRoom));
    return `${entityTag(`${next}\n${body}`)} ${next}\n${body}`;
  });
  const end = kept.indexOf('\n');
  const [tag = '', next = ''] = kept.slice(0, end).split(' ');
  return { tag, next: next === '' ? null : next, body: kept.slice(end + 1) };
}

/** Must be called after every committed change to the list, before the response. */
export async function forgetRoomList(cache: Cache, userId: number): Promise<void> {
  await cache.forget(listKey(userId));
}

export function presentRoom(row: ListedRow | ChatroomRow): Chatroom {
  return {
    id: row.id,
    name: row.name,
    name_source: row.nameSource,
    ...('instructions' in row && { instructions: row.instructions }),
    model: row.model,
    pinned: row.pinned,
    archived: row.archived,
    unread: row.unread,
    created_at: row.createdAt.toISOString(),
    updated_at: row.updatedAt.toISOString(),
    head_id: row.headId,
  };
}

function listKey(userId: number): string {
  return `rooms:${userId}`;
}
