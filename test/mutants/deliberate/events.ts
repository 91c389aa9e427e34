/** Deliberate changes to the live feed. */
import type { Change } from '../change.ts';

export const eventChanges: readonly Change[] = [
  {
    breaks: 'a feed goes on after its token has ended',
    file: 'server/events/connections.ts',
    find: 'if (connection.caller.expiresAtMs <= now) close(connection);',
    replace: 'if (connection.caller.expiresAtMs <= now) continue;',
    test: 'test/events/token-end.test.ts',
    named: 'closes once it has ended',
  },
  {
    breaks: 'a feed goes on after its session has ended',
    file: 'server/events/connections.ts',
    find: 'if (sessionId === null || connection.caller.sessionId === sessionId) close(connection);',
    replace: 'if (sessionId === null) close(connection);',
    test: 'test/accounts/sessions.test.ts',
    named: 'signing out ends tokens and live feeds',
  },
  {
    breaks: 'a browser that reconnects begins where its URL says',
    file: 'server/events/routes.ts',
    find: `request.headers['last-event-id'] ?? query.last_event_id`,
    replace: `query.last_event_id ?? request.headers['last-event-id']`,
    test: 'test/events/position.test.ts',
    named: 'Last-Event-ID goes before ?last_event_id=',
  },
  {
    breaks: "a ticket's feed outlives its token",
    file: 'server/events/tickets.ts',
    find: 'expiresAtMs: tokenExpiresAt.getTime()',
    replace: 'expiresAtMs: Number.POSITIVE_INFINITY',
    test: 'test/accounts/gone.test.ts',
    named: 'ends with the token it was opened with',
    postgres: true,
  },
  {
    breaks: 'a ticket opens two feeds',
    file: 'server/events/store.ts',
    find: `delete from event_tickets t using sessions s where t.hash = $1`,
    replace: `update event_tickets t set hash = t.hash from sessions s where t.hash = $1`,
    test: 'test/events/tickets.test.ts',
    named: 'opens the feed of its owner, once',
  },
  {
    breaks: 'a ticket outlives its minute',
    file: 'server/events/store.ts',
    find: 't.expires_at > now() and s.revoked_at is null',
    replace: 's.revoked_at is null',
    test: 'test/events/tickets.test.ts',
    named: 'is good for sixty seconds',
  },
  {
    breaks: 'a feed of one room carries all of them',
    file: 'server/events/connections.ts',
    find: `roomId === null || entry.chatroomId === roomId || entry.type === 'feed.reset'`,
    replace: 'true',
    test: 'test/events/resume.test.ts',
    named: 'narrows to one room',
  },
];
