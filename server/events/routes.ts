/** HTTP routes for live events: tickets, the stream and the socket. */
import * as contract from '../../contract/events.ts';
import { openSocket } from '../../contract/socket.ts';
import { readRoom } from '../chatrooms/store.ts';
import type { Serve } from '../http/serve.ts';
import type { ServeSocket } from '../http/sockets.ts';
import { languageOf, namedLanguage } from '../languages/reader.ts';
import type { Database } from '../ports/database.ts';
import { notFound } from '../problems/problem.ts';
import type { Presence } from '../ports/presence.ts';
import type { LiveConnections } from './connections.ts';
import { serverSentEvents } from './server-sent-events.ts';
import { issueTicket } from './tickets.ts';
import { followOverSocket } from './web-socket.ts';

export interface EventDeps {
  readonly db: Database;
  readonly connections: LiveConnections;
  readonly presence: Presence;
}

export function serveEvents(serve: Serve, serveSocket: ServeSocket, { db, connections, presence }: EventDeps): void {
  serve(contract.createTicket, async ({ caller, request }) => issueTicket(db, caller, namedLanguage(request.headers)));

  serve(contract.openEvents, async ({ caller, query, request, reply }) => {
    const { chatroom_id: roomId = null } = query;
    if (roomId !== null && !(await readRoom(db, caller.userId, roomId))) throw notFound();
    const resumeFrom = request.headers['last-event-id'] ?? query.last_event_id;
    const after = typeof resumeFrom === 'string' && resumeFrom !== '' ? resumeFrom : null;
    const language = caller.language ?? languageOf(request.headers);
    const detach = await connections.attach({ caller, after, roomId, language }, serverSentEvents(reply));
    const leave = query.visible === 'false' ? () => {} : presence.look(caller.userId);
    const end = () => {
      detach();
      leave();
    };
    reply.raw.once('close', end);
    // The client disconnected during the subscription, so `close` has fired already.
    if (reply.raw.destroyed) end();
    return reply;
  });

  serveSocket(openSocket, ({ caller, request, socket }) => {
    const language = caller.language ?? languageOf(request.headers);
    followOverSocket(socket, { caller, language }, connections, presence);
  });
}
