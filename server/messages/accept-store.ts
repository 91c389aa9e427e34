/** SQL that accepts a question: owner, charge, messages, queued reply and key in one statement, all or nothing. */
import type { Tier } from '../../contract/plans.ts';
import type { Plans } from '../config/catalog.ts';
import { dailyLimitsOf } from '../plans/limits.ts';
import type { DayEnd } from '../plans/quota.ts';
import { chargeCte, refusalColumns, resetColumns } from '../plans/store.ts';
import type { Connection, Statement } from '../ports/database.ts';

/** One row; none if the room, or the reply to regenerate, is not the caller's. */
export interface AcceptRow extends DayEnd {
  readonly tier: Tier;
  /** Messages charged today, this one included; null if nothing was charged. */
  readonly used: number | null;
  /** The reason if nothing was charged: unfinished replies of the account, and its messages today. Otherwise null. */
  readonly unfinishedReplies: number | null;
  readonly usedToday: number | null;
  readonly messageId: number | null;
  readonly replyId: number | null;
  readonly createdAt: Date | null;
  /** When the reply was created: the room's latest activity. */
  readonly repliedAt: Date | null;
}

/** `trace` is the placeholder of the request's traceparent. */
const queuedReply = (trace: string) => `reply as (
    insert into messages (chatroom_id, user_id, parent_id, is_from_user)
    select payer.room_id, payer.user_id, question.id, false from payer, question
    returning id, created_at
  ), queued as (
    insert into replies (message_id, question_id, chatroom_id, user_id, status, charged_on, trace)
    select reply.id, question.id, payer.room_id, payer.user_id, 'queued', charge.day, ${trace}::text
    from payer, charge, question, reply
  ), touched as (
    update chatrooms set updated_at = now() from payer, reply where chatrooms.id = payer.room_id
  )`;

/** Its parent is the end of the room's path, read after the charge has locked the account's day. */
const newQuestion = `question as (
    insert into messages (chatroom_id, user_id, parent_id, is_from_user, content)
    select payer.room_id, payer.user_id, pollux_path_end(payer.room_id), true, $4 from payer, charge
    returning id, created_at
  )`;

const outcome = `payer.tier, charge.used, ${refusalColumns('payer.user_id')}, ${resetColumns}, question.id as "messageId",
    question.created_at as "createdAt", reply.id as "replyId", reply.created_at as "repliedAt"`;
const joined = `payer left join charge on true left join question on true left join reply on true`;

const room = `room as (
    select c.id as room_id, c.user_id, u.tier from chatrooms c join users u on u.id = c.user_id
    where c.id = $2 and c.user_id = $1
  )`;

/** Values: user, room, daily limits, content, trace, limit of unfinished replies. */
const send: Statement<AcceptRow> = {
  name: 'accept_message',
  text: `with ${room}, payer as (select * from room), ${chargeCte({ from: 'payer', limits: '$3', unfinished: '$6' })},
    ${newQuestion}, ${queuedReply('$5')} select ${outcome} from ${joined}`,
};

export interface KeyedRow extends AcceptRow {
  /** False while another request with this key has not committed. */
  readonly free: boolean;
  /** False if the room was deleted or is not the caller's; a recorded key outlives its room. */
  readonly hasRoom: boolean;
  readonly knownFingerprint: string | null;
}

/**
 * Values: user, room, daily limits, content, key, fingerprint, trace, limit of unfinished replies. The lock detects a request in
 * flight. If another request committed after our snapshot, a unique violation rolls everything back.
 */
const sendWithKey: Statement<KeyedRow> = {
  name: 'accept_message_with_key',
  text: `with ${room}, account as (
      select id, tier from users where id = $1
    ), gate as materialized (
      select pg_try_advisory_xact_lock(hashtextextended($5::text, $1::bigint)) as free from account
    ), known as (
      select message_id, reply_id, fingerprint, created_at from idempotency_keys where user_id = $1 and key = $5
    ), payer as (
      select room.* from room, gate where gate.free and not exists (select from known)
    ), ${chargeCte({ from: 'payer', limits: '$3', unfinished: '$8' })}, ${newQuestion}, ${queuedReply('$7')}, kept as (
      insert into idempotency_keys (user_id, key, fingerprint, message_id, reply_id, created_at)
      select $1, $5, $6, question.id, reply.id, question.created_at from question, reply
    )
    select account.tier, ${refusalColumns('account.id')}, ${resetColumns}, gate.free, exists (select from room) as "hasRoom",
      case when known.message_id is null then charge.used else coalesce((
        select used from daily_usage where user_id = $1 and day = pollux_today()
      ), 0) end as used, known.fingerprint as "knownFingerprint",
      coalesce(question.id, known.message_id) as "messageId", coalesce(reply.id, known.reply_id) as "replyId",
      coalesce(question.created_at, known.created_at) as "createdAt", reply.created_at as "repliedAt"
    from account join gate on true left join known on true left join charge on true left join question on true
      left join reply on true`,
};

export interface RepeatRow extends AcceptRow {
  /** The question has an unfinished reply that was not cancelled: nothing was changed. */
  readonly unfinished: boolean;
  readonly content: string;
}

/**
 * Values: user, room, daily limits, reply, trace, limit of unfinished replies. Queues another reply to the same question
 * unless one is unfinished. If another request committed after our snapshot, a unique violation rolls everything back.
 */
const repeat: Statement<RepeatRow> = {
  name: 'accept_regeneration',
  text: `with room as (
      select c.id as room_id, c.user_id, u.tier, r.question_id, exists (
        select from replies version where version.question_id = r.question_id
          and version.status in ('queued', 'generating') and not version.cancel_requested
      ) as unfinished
      from replies r join chatrooms c on c.id = r.chatroom_id join users u on u.id = c.user_id
      where c.id = $2 and c.user_id = $1 and r.message_id = $4
    ), payer as (
      select * from room where not unfinished
    ), ${chargeCte({ from: 'payer', limits: '$3', unfinished: '$6' })}, question as (
      select q.id, q.created_at from messages q, payer, charge where q.id = payer.question_id
    ), ${queuedReply('$5')}
    select room.tier, room.unfinished, charge.used, ${refusalColumns('room.user_id')}, ${resetColumns},
      q.id as "messageId", q.content,
      q.created_at as "createdAt", reply.id as "replyId", reply.created_at as "repliedAt"
    from room join messages q on q.id = room.question_id left join charge on true left join reply on true`,
};

export interface Question {
  readonly userId: number;
  readonly roomId: number;
  readonly plans: Plans;
  /** Limit of the account's unfinished replies, this one included; 0 = no limit. */
  readonly unfinishedAtMost: number;
  readonly content: string;
  /** W3C `traceparent` of the request; null while tracing is off. */
  readonly trace: string | null;
}

export async function acceptQuestion(db: Connection, question: Question): Promise<AcceptRow | null> {
  const { userId, roomId, plans, content, trace, unfinishedAtMost } = question;
  const rows = await db.run(send, [userId, roomId, dailyLimitsOf(plans), content, trace, unfinishedAtMost]);
  return rows[0] ?? null;
}

export async function acceptQuestionWithKey(
  db: Connection,
  question: Question,
  key: { key: string; fingerprint: string },
): Promise<KeyedRow | null> {
  const { userId, roomId, plans, content, trace, unfinishedAtMost } = question;
  const values = [userId, roomId, dailyLimitsOf(plans), content, key.key, key.fingerprint, trace, unfinishedAtMost];
  const rows = await db.run(sendWithKey, values);
  return rows[0] ?? null;
}

export async function acceptRegeneration(
  db: Connection,
  { userId, roomId, plans, replyId, trace, unfinishedAtMost }: Omit<Question, 'content'> & { replyId: number },
): Promise<RepeatRow | null> {
  const rows = await db.run(repeat, [userId, roomId, dailyLimitsOf(plans), replyId, trace, unfinishedAtMost]);
  return rows[0] ?? null;
}
