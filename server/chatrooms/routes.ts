/** HTTP routes for chat rooms. */
import type { Static } from 'typebox';
import { replayedHeaders } from '../../contract/endpoint.ts';
import * as contract from '../../contract/chatrooms.ts';
import { once } from '../accounts/once.ts';
import { readTier } from '../accounts/store.ts';
import type { Plans } from '../config/catalog.ts';
import { linkPages } from '../http/page.ts';
import type { Serve } from '../http/serve.ts';
import { checkModel, planRequired } from '../models/check-model.ts';
import type { Models } from '../models/models.ts';
import type { Cache } from '../ports/cache.ts';
import type { Database } from '../ports/database.ts';
import type { Feed } from '../ports/feed.ts';
import { notFound, ProblemError } from '../problems/problem.ts';
import { readCursor, writeCursor, type Place } from './cursor.ts';
import { forgetRoomList, listStart, pageSize, presentRoom, readRoomList } from './room-list.ts';
import {
  addRoom,
  changeRoom,
  deleteRoom,
  listRooms,
  readPosition,
  readRoom,
  type ListedRow,
  type RoomFilter,
} from './store.ts';

export interface ChatroomDeps {
  readonly db: Database;
  readonly cache: Cache;
  readonly feed: Feed;
  readonly models: Models;
  readonly plans: Plans;
  /** Deletes the bytes of files whose rows are gone, in the background. */
  readonly removeBytes: (keys: readonly string[]) => void;
}

export function serveChatrooms(serve: Serve, deps: ChatroomDeps): void {
  const { db, cache, feed, models, plans } = deps;

  serve(contract.listChatrooms, async ({ caller, query, request, reply }) => {
    const { limit = pageSize } = query;
    const filter = filterOf(query);
    const place = await placeOf(caller.userId, query);
    if (place === listStart && filter === 'live' && limit === pageSize) {
      const list = await readRoomList(deps, caller.userId);
      if (list.next !== null) linkPages(request, reply, { next: { cursor: list.next }, prev: null });
      return reply.header('etag', list.tag).type('application/json; charset=utf-8').send(list.body);
    }
    if (place === null) return [];
    const rows = await listRooms(db, caller.userId, { ...place, filter, limit: limit + 1 });
    const more = rows.length > limit;
    const backwards = place.direction === 'newer';
    const page = backwards ? rows.slice(-limit) : rows.slice(0, limit);
    linkPages(request, reply, {
      next: more || backwards ? cursorAt('older', page.at(-1)) : null,
      prev: (backwards ? more : place !== listStart) ? cursorAt('newer', page[0]) : null,
    });
    return page.map(presentRoom);
  });

  serve(contract.createChatroom, async ({ caller, body, requestKey, reply }) => {
    const { userId } = caller;
    const { created: room, replayed } = await once(db, userId, requestKey, async (tx) =>
      presentRoom(await addRoom(tx, userId, body.name)),
    );
    reply.header('location', `/chatroom/${room.id}`);
    if (replayed) {
      reply.headers(replayedHeaders);
      return room;
    }
    await forgetRoomList(cache, userId);
    feed.publish(userId, [{ type: 'chatroom.created', chatroom_id: room.id, chatroom: room }]);
    return room;
  });

  serve(contract.readChatroom, async ({ caller, params }) => {
    const row = await readRoom(db, caller.userId, params.chatroom_id);
    if (row === null) throw notFound();
    return presentRoom(row);
  });

  serve(contract.changeChatroom, async ({ caller, params, body }) => {
    const { head_id: headId, read_id: readId, ...rest } = body;
    await checkOwnModel(caller.userId, body.model);
    const row = await changeRoom(db, caller.userId, params.chatroom_id, { ...rest, headId, readId });
    if (row === null) throw notFound();
    if (row === 'unknown head') {
      throw new ProblemError('validation_failed', { errors: [{ pointer: '/head_id', sentence: 'message' }] });
    }
    const room = presentRoom(row);
    await forgetRoomList(cache, caller.userId);
    feed.publish(caller.userId, [{ type: 'chatroom.updated', chatroom_id: room.id, chatroom: room }]);
    return room;
  });

  serve(contract.deleteChatroom, async ({ caller, params }) => {
    const keys = await deleteRoom(db, caller.userId, params.chatroom_id);
    if (keys === null) throw notFound();
    deps.removeBytes(keys);
    await forgetRoomList(cache, caller.userId);
    feed.publish(caller.userId, [{ type: 'chatroom.deleted', chatroom_id: params.chatroom_id }]);
    return undefined;
  });

  /** Throws `validation_failed` for an unknown model, `plan_required` for one of other plans. */
  async function checkOwnModel(userId: number, model: string | null | undefined): Promise<void> {
    if (typeof model !== 'string') return;
    checkModel(models, model);
    const tier = await readTier(db, userId);
    if (tier !== null && !plans.of(tier).models.includes(model)) throw planRequired();
  }

  /** The start of the list by default. Null if `before` or `after` is not a room of the user. */
  async function placeOf(userId: number, { before, after, cursor }: Query): Promise<Place | null> {
    if (cursor !== undefined) return readCursor(cursor);
    const id = before ?? after;
    if (id === undefined) return listStart;
    const from = await readPosition(db, userId, id);
    return from && { direction: before === undefined ? 'newer' : 'older', from };
  }
}

type Query = Static<typeof contract.listChatrooms.query>;

const archivedFilters = { true: 'archived', false: 'live', any: 'any' } as const;

function filterOf({ archived = 'false', pinned }: Query): RoomFilter {
  const filter = archivedFilters[archived];
  return pinned === undefined ? filter : `${filter}_pinned`;
}

function cursorAt(direction: Place['direction'], room: ListedRow | undefined) {
  return room === undefined ? null : { cursor: writeCursor(direction, room) };
}
