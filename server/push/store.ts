/** SQL for push keys, subscriptions and what is due. */
import type { Connection, Statement } from '../ports/database.ts';
import type { PushKeys, PushTarget } from '../ports/push.ts';

const keys: Statement<PushKeys> = {
  name: 'push_keys_read',
  text: `select public_key as "publicKey", private_key as "privateKey" from push_keys where id = 1`,
};

/** Null before the first use. */
export async function readPushKeys(db: Connection): Promise<PushKeys | null> {
  const [row] = await db.run(keys, []);
  return row ?? null;
}

const keepKeys: Statement<never> = {
  name: 'push_keys_keep',
  text: `insert into push_keys (id, public_key, private_key) values (1, $1, $2) on conflict do nothing`,
};

/** Stores the keys unless there are some. */
export async function keepPushKeys(db: Connection, { publicKey, privateKey }: PushKeys): Promise<void> {
  await db.run(keepKeys, [publicKey, privateKey]);
}

/** Sessions are read in the way of `session-store.ts`. */
const isLive = `s.revoked_at is null and s.expires_at > now()`;

const lock: Statement<never> = {
  name: 'push_subscriptions_lock',
  text: `select id from users where id = $1 for no key update`,
};

/** The session's other subscription, and the account's oldest if it has as many as it may. */
const makeRoom: Statement<never> = {
  name: 'push_subscriptions_make_room',
  text: `delete from push_subscriptions where user_id = $1 and endpoint <> $3 and (session_id = $2 or id in (
      select id from push_subscriptions where user_id = $1 and endpoint <> $3 and session_id <> $2
      order by id desc offset $4::int - 1
    ))`,
};

const add: Statement<{ id: number; createdAt: Date }> = {
  name: 'push_subscription_add',
  text: `insert into push_subscriptions as known (user_id, session_id, endpoint, p256dh, auth, language)
    values ($1, $2, $3, $4, $5, $6)
    on conflict (endpoint) do update set user_id = excluded.user_id, session_id = excluded.session_id,
      p256dh = excluded.p256dh, auth = excluded.auth, language = excluded.language, paused_until = null,
      created_at = case when known.user_id = excluded.user_id then known.created_at else now() end
    returning id, created_at as "createdAt"`,
};

export interface NewSubscription extends PushTarget {
  readonly userId: number;
  readonly sessionId: string;
  readonly language: string;
}

/** Adds or renews a subscription in place of the session's other one and of the oldest beyond `atMost`. */
export async function putSubscription(
  tx: Connection,
  { userId, sessionId, endpoint, p256dh, auth, language }: NewSubscription,
  atMost: number,
): Promise<{ id: number; createdAt: Date }> {
  await tx.run(lock, [userId]);
  await tx.run(makeRoom, [userId, sessionId, endpoint, atMost]);
  const [row] = await tx.run(add, [userId, sessionId, endpoint, p256dh, auth, language]);
  return row!;
}

export interface SubscriptionRow {
  readonly id: number;
  readonly sessionId: string;
  readonly endpoint: string;
  readonly createdAt: Date;
}

const list: Statement<SubscriptionRow> = {
  name: 'push_subscriptions_all',
  text: `select p.id, p.session_id as "sessionId", p.endpoint, p.created_at as "createdAt"
    from push_subscriptions p join sessions s on s.id = p.session_id
    where p.user_id = $1 and ${isLive} order by p.id`,
};

/** Of live sessions, oldest first. */
export function listSubscriptions(db: Connection, userId: number): Promise<SubscriptionRow[]> {
  return db.run(list, [userId]);
}

const remove: Statement<{ id: number }> = {
  name: 'push_subscription_delete',
  text: `delete from push_subscriptions where id = $2 and user_id = $1 returning id`,
};

export async function deleteSubscription(db: Connection, userId: number, id: number): Promise<boolean> {
  return (await db.run(remove, [userId, id])).length > 0;
}

const gone: Statement<never> = {
  name: 'push_subscription_gone',
  text: `delete from push_subscriptions where id = $1 and endpoint = $2`,
};

/** Removes a subscription that its push service has ended. */
export async function removeGone(db: Connection, id: number, endpoint: string): Promise<void> {
  await db.run(gone, [id, endpoint]);
}

const pause: Statement<never> = {
  name: 'push_subscription_pause',
  text: `update push_subscriptions set paused_until = now() + make_interval(secs => $2::float8 / 1000) where id = $1`,
};

export async function pauseSubscription(db: Connection, id: number, forMs: number): Promise<void> {
  await db.run(pause, [id, forMs]);
}

export interface DueReply {
  readonly replyId: number;
  readonly userId: number;
}

const due: Statement<DueReply> = {
  name: 'push_due',
  text: `select reply_id as "replyId", user_id as "userId" from push_due order by reply_id limit $1`,
};

/** Replies that have ended and are not taken yet. */
export function findDue(db: Connection, limit: number): Promise<DueReply[]> {
  return db.run(due, [limit]);
}

const take: Statement<{ replyId: number; subscriptionId: number | null }> = {
  name: 'push_due_take',
  text: `with taken as (delete from push_due where reply_id = any ($1::bigint[]) returning reply_id, user_id)
    select t.reply_id as "replyId", p.id as "subscriptionId"
    from taken t left join (push_subscriptions p join sessions s on s.id = p.session_id and ${isLive})
      on p.user_id = t.user_id and t.user_id <> all ($2::bigint[])`,
};

export interface DuePush {
  readonly replyId: number;
  readonly subscriptionId: number;
}

/** Takes due replies, each in one process; returns where they are to be told of, but for accounts that are `looking`. */
export async function takeDue(
  tx: Connection,
  replyIds: readonly number[],
  looking: readonly number[],
): Promise<DuePush[]> {
  const rows = await tx.run(take, [replyIds, looking]);
  return rows.flatMap(({ replyId, subscriptionId }) => (subscriptionId === null ? [] : [{ replyId, subscriptionId }]));
}

export interface QuietHours {
  readonly from: string;
  readonly to: string;
  readonly time_zone: string;
}

/** A push message to be sent. */
export interface Delivery extends PushTarget {
  readonly status: 'complete' | 'failed';
  readonly roomId: number;
  readonly roomName: string;
  /** Null follows `asked`. */
  readonly language: string | null;
  readonly asked: string;
  readonly quiet: QuietHours | null;
  readonly ageSeconds: number;
  readonly isPaused: boolean;
}

const delivery: Statement<Delivery> = {
  name: 'push_delivery',
  text: `select p.endpoint, p.p256dh, p.auth, r.status, c.id as "roomId", c.name as "roomName", u.language,
      p.language as asked, u.push_quiet as quiet, coalesce(p.paused_until > now(), false) as "isPaused",
      coalesce(extract(epoch from now() - r.finished_at), 0)::float8 as "ageSeconds"
    from push_subscriptions p
    join sessions s on s.id = p.session_id and ${isLive}
    join replies r on r.message_id = $2 and r.user_id = p.user_id and r.status in ('complete', 'failed')
    join chatrooms c on c.id = r.chatroom_id
    left join user_settings u on u.user_id = p.user_id
    where p.id = $1`,
};

/** Null if there is nobody to tell any more: subscription, session, reply or room is gone. */
export async function readDelivery(db: Connection, { subscriptionId, replyId }: DuePush): Promise<Delivery | null> {
  const [row] = await db.run(delivery, [subscriptionId, replyId]);
  return row ?? null;
}
