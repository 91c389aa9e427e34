/** Deliberate changes to titles, stops, deleted rooms, and what operators do. */
import type { Change } from '../change.ts';

export const backgroundChanges: readonly Change[] = [
  {
    breaks: 'a title replaces the name that a person gave',
    file: 'server/replies/title-store.ts',
    find: `where id = $1 and name_source = 'default' returning id`,
    replace: 'where id = $1 returning id',
    test: 'test/replies/title.test.ts',
    named: 'never replaces a name given by a user, also when it comes late',
  },
  {
    breaks: 'a title whose worker died is not announced',
    file: 'server/replies/title.ts',
    find: `beginning.nameSource === 'user'`,
    replace: `beginning.nameSource !== 'default'`,
    test: 'test/replies/title.test.ts',
    named: 'is published again by the worker that takes over the job of a dead one',
  },
  {
    breaks: 'events of a room follow its deletion',
    file: 'server/adapters/feed/redis-stream.ts',
    find: `if redis.call('ZSCORE', KEYS[2], room) then return true end`,
    replace: '',
    test: 'test/ports/feed-gone-rooms.test.ts',
    named: 'has no further events, while other rooms continue: live, stored and resumed',
  },
  {
    breaks: 'a stop waits for the next checkpoint',
    file: 'server/replies/routes.ts',
    find: 'else deps.wakeUps.stop(id);',
    replace: '',
    test: 'test/journeys/stop.test.ts',
    named: 'ends the call to the model within',
  },
  {
    breaks: 'the last administrator can lose the role',
    file: 'server/admin/change-user.ts',
    find: 'admins.length === 1 && admins[0] === userId',
    replace: 'admins.length === 0',
    test: 'test/admin/users-api.test.ts',
    named: 'become administrators and lose the role in every process, but not the last one',
  },
  {
    breaks: 'a blocked account can sign in',
    file: 'server/accounts/store.ts',
    find: 'where mobile_number = $1 and blocked_at is null returning id',
    replace: 'where mobile_number = $1 returning id',
    test: 'test/admin/users-api.test.ts',
    named: 'are blocked until unblocked: sessions end, sign-in fails like a wrong code, shared links do not work',
  },
];
