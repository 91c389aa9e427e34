/** HTTP routes for chat rooms. */
import { replayedHeaders } from '../../contract/endpoint.ts';
import * as contract from '../../contract/chatrooms.ts';
import { once } from '../accounts/once.ts';
import { linkPages } from '../http/page.ts';
import type { Serve } from '../http/serve.ts';
import type { Cache } from '../ports/cache.ts';
import type { Database } from '../ports/database.ts';
import type { Feed } from '../ports/feed.ts';
import { notFound, ProblemError } from '../problems/problem.ts';
import { forgetRoomList, pageSize, presentRoom, readRoomList } from './room-list.ts';
import { addRoom, changeRoom, deleteRoom, listRooms, readRoom } from './store.ts';

export interface ChatroomDeps {
  readonly db: Database;
  readonly cache: Cache;
  readonly feed: Feed;
}

export function serveChatrooms(serve: Serve, deps: ChatroomDeps): void {
  const { db, cache, feed } = deps;

  serve(contract.listChatrooms, async ({ caller, query, request, reply }) => {
    const { before, after, limit = pageSize } = query;
    if (before === undefined && after === undefined && limit === pageSize) {
      const list = await readRoomList(deps, caller.userId);
      if (list.olderThan !== null) linkPages(request, reply, { next: { before: list.olderThan }, prev: null });
      return reply.header('etag', list.tag).type('application/json; charset=utf-8').send(list.body);
    }
    const rows = await listRooms(db, caller.userId, { limit: limit + 1, before, after });
    const backwards = before === undefined && after !== undefined;
    const page = backwards ? rows.slice(-limit) : rows.slice(0, limit);
    const more = rows.length > limit;
    const [first, last] = [page[0], page.at(-1)];
    linkPages(request, reply, {
      next: last && (more || backwards) ? { before: last.id } : null,
      prev: first && ((backwards && more) || before !== undefined) ? { after: first.id } : null,
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
    const { name, head_id: headId } = body;
    const row = await changeRoom(db, caller.userId, params.chatroom_id, { name, headId });
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
    if (!(await deleteRoom(db, caller.userId, params.chatroom_id))) throw notFound();
    await forgetRoomList(cache, caller.userId);
    feed.publish(caller.userId, [{ type: 'chatroom.deleted', chatroom_id: params.chatroom_id }]);
    return undefined;
  });
}
