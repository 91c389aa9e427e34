/** HTTP route for search. */
import * as contract from '../../contract/search.ts';
import { readRoom } from '../chatrooms/store.ts';
import { linkPages } from '../http/page.ts';
import type { Serve } from '../http/serve.ts';
import type { Database } from '../ports/database.ts';
import { notFound } from '../problems/problem.ts';
import { readCursor, writeCursor } from './cursor.ts';
import { indexQuery, parseQuery, phraseQuery, rankQuery } from './query.ts';
import { snippetOf } from './snippet.ts';
import { searchMessages, type SearchPosition } from './store.ts';

const start: SearchPosition = { newestId: Number.MAX_SAFE_INTEGER, last: null };

export function serveSearch(serve: Serve, { db }: { readonly db: Database }): void {
  serve(contract.search, async ({ caller: { userId }, query, request, reply }) => {
    const { q, chatroom_id: roomId = null, cursor, limit = contract.searchPageSize } = query;
    const from = cursor === undefined ? start : readCursor(cursor);
    if (roomId !== null && (await readRoom(db, userId, roomId)) === null) throw notFound();
    const clauses = parseQuery(q);
    if (clauses.length === 0) return [];
    const queries = { index: indexQuery(clauses, roomId), phrases: phraseQuery(clauses), rank: rankQuery(clauses) };
    const rows = await searchMessages(db, userId, queries, from, limit);
    const last = rows.at(-1);
    if (last && last.found > rows.length) {
      const next = { newestId: Math.min(from.newestId, last.newestId), last: { rank: last.rank, id: last.messageId } };
      linkPages(request, reply, { next: { cursor: writeCursor(next) }, prev: null });
    }
    return rows.map((row) => ({
      chatroom_id: row.chatroomId,
      chatroom_name: row.chatroomName,
      message_id: row.messageId,
      is_from_user: row.isFromUser,
      ...snippetOf(row.content, clauses),
      created_at: row.createdAt.toISOString(),
    }));
  });
}
