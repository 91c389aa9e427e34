/** Deliberate changes to rooms and to accepting messages. */
import type { Change } from '../change.ts';

export const messageChanges: readonly Change[] = [
  {
    breaks: "a foreign room's activity is told by using it as a cursor to older ones",
    file: 'server/chatrooms/store.ts',
    find: '(updated_at, id) < (select updated_at, id from chatrooms where id = $3 and user_id = $1)',
    replace: '(updated_at, id) < (select updated_at, id from chatrooms where id = $3)',
    test: 'test/chatrooms/pages.test.ts',
    named: "somebody else's room as a cursor",
  },
  {
    breaks: "a foreign room's activity is told by using it as a cursor to newer ones",
    file: 'server/chatrooms/store.ts',
    find: '(updated_at, id) > (select updated_at, id from chatrooms where id = $3 and user_id = $1)',
    replace: '(updated_at, id) > (select updated_at, id from chatrooms where id = $3)',
    test: 'test/chatrooms/pages.test.ts',
    named: "somebody else's room as a cursor",
  },
  {
    breaks: "a stranger reads a room's messages",
    file: 'server/messages/store.ts',
    find: 'where c.id = $2 and c.user_id = $1 order by page.id',
    replace: 'where c.id = $2 and $1::bigint is not null order by page.id',
    test: 'test/contract/ownership.test.ts',
    named: "answers for somebody else's thing exactly as for a missing one",
  },
  {
    breaks: 'the list of rooms is stale after a rename',
    file: 'server/chatrooms/routes.ts',
    find: `const room = presentRoom(row); await forgetRoomList(cache, caller.userId);`,
    replace: 'const room = presentRoom(row);',
    test: 'test/chatrooms/list.test.ts',
    named: 'shows a new room, a rename, a message and a deletion at once',
  },
  {
    breaks: 'the loser of an idempotency key answers 500',
    file: 'server/messages/send.ts',
    find: `if (!isDuplicate(error)) throw error;`,
    replace: 'throw error;',
    test: 'test/messages/late-winner.test.ts',
    named: 'is whose message it is',
    postgres: true,
  },
  {
    breaks: 'questions that were sent at once are versions of one another',
    file: 'server/messages/accept-store.ts',
    find: 'pollux_path_end(payer.room_id)',
    replace: `(
      select id from messages where chatroom_id = payer.room_id and parent_id is not null order by parent_id desc, id desc limit 1
    )`,
    test: 'test/messages/tree.test.ts',
    named: 'is one path of questions that were sent at once',
    postgres: true,
  },
  {
    breaks: 'a key is good for another text',
    file: 'server/messages/send.ts',
    find: 'row.knownFingerprint !== null && row.knownFingerprint !== fingerprint',
    replace: 'false',
    test: 'test/messages/idempotency.test.ts',
    named: 'is refused with another text or for another room',
  },
  {
    breaks: 'a key is good for another room',
    file: 'server/messages/send.ts',
    find: 'update(`${question.roomId}\\n${question.content}`)',
    replace: 'update(question.content)',
    test: 'test/messages/idempotency.test.ts',
    named: 'is refused with another text or for another room',
  },
  {
    breaks: 'a repeated key is charged again',
    file: 'server/messages/accept-store.ts',
    find: 'where gate.free and not exists (select from known)',
    replace: 'where gate.free',
    test: 'test/messages/idempotency.test.ts',
    named: 'gives the same answer again',
  },
];
