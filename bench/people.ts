/** Users and their rooms, inserted into the database, with access tokens as the product issues them. */
import { accessTokens } from '../server/accounts/access-token.ts';
import { deriveKeys } from '../server/accounts/keys.ts';
import { secret } from './bed.ts';
import { withClient } from './postgres.ts';

export interface Person {
  readonly userId: number;
  readonly roomId: number;
  readonly token: string;
}

const tokenSeconds = 86_400;

/** Adds Pro users, each with `rooms` rooms, the first of which is theirs to ask in. */
export async function addPeople(databaseUrl: string, count: number, { rooms = 1 } = {}): Promise<Person[]> {
  const tokens = accessTokens({ keys: deriveKeys([secret]).tokens, algorithm: 'HS256', lifeSeconds: tokenSeconds });
  const rows = await withClient(databaseUrl, async (client) => {
    const { rows } = await client.query<{ userId: string; roomId: string; sessionId: string }>(
      `with people as (
        insert into users (mobile_number, tier, granted_tier, verified_at)
        select '+1' || (2000000000 + n + (select count(*) from users)), 'Pro', 'Pro', now() from generate_series(1, $1) n
        returning id
      ), rooms as (
        insert into chatrooms (user_id, name) select people.id, 'Room ' || n from people, generate_series(1, $2) n
        returning id, user_id
      ), devices as (
        insert into sessions (id, user_id, expires_at)
        select gen_random_uuid(), people.id, now() + interval '60 days' from people returning id, user_id
      ) select rooms.user_id as "userId", min(rooms.id) as "roomId", devices.id as "sessionId"
        from rooms join devices using (user_id) group by rooms.user_id, devices.id order by rooms.user_id`,
      [count, rooms],
    );
    return rows;
  });
  return Promise.all(
    rows.map(async ({ userId, roomId, sessionId }) => ({
      userId: Number(userId),
      roomId: Number(roomId),
      token: await tokens.issue(Number(userId), sessionId),
    })),
  );
}
