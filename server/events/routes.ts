/** HTTP routes for live events: tickets and the stream. */
import * as contract from '../../contract/events.ts';
import { readRoom } from '../chatrooms/store.ts';
import type { Serve } from '../http/serve.ts';
import { languageOf } from '../languages/reader.ts';
import type { Database } from '../ports/database.ts';
import { notFound } from '../problems/problem.ts';
import type { LiveConnections } from './connections.ts';
import { serverSentEvents } from './server-sent-events.ts';
import { issueTicket } from './tickets.ts';

export interface EventDeps {
  readonly db: Database;
  readonly connections: LiveConnections;
}

export function serveEvents(serve: Serve, { db, connections }: EventDeps): void {
  serve(contract.createTicket, async ({ caller }) => issueTicket(db, caller));

  serve(contract.openEvents, async ({ caller, query, request, reply }) => {
    const { chatroom_id: roomId = null } = query;
    if (roomId !== null && !(await readRoom(db, caller.userId, roomId))) throw notFound();
    const resumeFrom = request.headers['last-event-id'] ?? query.last_event_id;
    const after = typeof resumeFrom === 'string' && resumeFrom !== '' ? resumeFrom : null;
    const language = languageOf(request.headers);
    const detach = await connections.attach({ caller, after, roomId, language }, serverSentEvents(reply));
    reply.raw.once('close', detach);
    // The client disconnected during the subscription, so `close` has fired already.
    if (reply.raw.destroyed) detach();
    return reply;
  });
}
