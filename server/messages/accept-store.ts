/** SQL that accepts a question: owner, place, charge, messages, queued reply and key in one statement, all or nothing. */
import type { Attachment } from '../../contract/attachments.ts';
import type { Tier } from '../../contract/plans.ts';
import type { ModelEntry, Plans } from '../config/catalog.ts';
import { planLimits } from '../plans/limits.ts';
import type { DayEnd, Spending } from '../plans/quota.ts';
import { chargeCte, costColumns, refusalColumns, resetColumns } from '../plans/store.ts';
import type { Connection, Statement } from '../ports/database.ts';
import { attachmentsOf, boundFiles, fileColumns, hasFiles, ownFiles, storedFiles } from './attach-store.ts';

/** One row; none if the room, or the reply to regenerate, is not the caller's. */
export interface AcceptRow extends DayEnd, Spending {
  readonly tier: Tier;
  /** Where the room's path ended before. */
  readonly headId: number | null;
  /** False if the path does not end at `ifHeadId`: nothing was changed. */
  readonly atHead: boolean;
  /** False if the plan does not have the model that was named: nothing was changed. */
  readonly hasModel: boolean;
  /** Messages charged today, this one included; null if nothing was charged. */
  readonly used: number | null;
  /** The reason if nothing was charged: unfinished replies of the account, and its messages today. Otherwise null. */
  readonly unfinishedReplies: number | null;
  readonly usedToday: number | null;
  readonly messageId: number | null;
  readonly parentId: number | null;
  readonly replyId: number | null;
  readonly createdAt: Date | null;
  /** When the reply was created: the room's latest activity. Null if nothing was accepted now. */
  readonly repliedAt: Date | null;
  /** The questions at this place, and the replies to this one; null if nothing was accepted now. */
  readonly versions: readonly number[] | null;
  readonly replyVersions: readonly number[] | null;
}

/** Values of all statements: user, room, limits of the plans, limit of unfinished replies, trace, expected head (0 = any), model. */
const valuesOf = ({ userId, roomId, plans, catalog, unfinishedAtMost, trace, ifHeadId, model }: Accepting) => [
  userId,
  roomId,
  planLimits(plans, catalog.models),
  unfinishedAtMost,
  trace,
  ifHeadId === undefined ? 0 : ifHeadId,
  model ?? null,
];

/**
 * The caller's room, locked, so that what is accepted in it comes one after another, and each sees where the one before moved
 * the end of the path.
 */
const room = (more: { columns?: string; from?: string; where?: string } = {}) => `room as materialized (
    select c.id as room_id, c.user_id, c.head_id, coalesce($7::text, c.model) as asked, u.tier, plan.models, plan.when_spent, plan.reserves,
      $7::text is null or plan.models ? $7 as has_model, $6::bigint is not distinct from 0
      or c.head_id is not distinct from $6 as at_head ${more.columns ?? ''}
    from chatrooms c join users u on u.id = c.user_id
      cross join lateral (
        select $3::jsonb -> u.tier -> 'models' as models, $3::jsonb -> u.tier ->> 'spent' as when_spent,
          $3::jsonb -> u.tier -> 'reserves' as reserves
      ) as plan ${more.from ?? ''}
    where c.id = $2 and c.user_id = $1 ${more.where ?? ''} for no key update of c
  )`;

const charge = chargeCte({ from: 'payer', limits: '$3', unfinished: '$4' });

/**
 * Asked of the model named, then the room's, then the plan's default, which also answers in place of a model that the plan does not
 * have (any more). Past the monthly cost the plan's model for that answers. The path moves to the reply, and the room
 * out of the archive.
 */
const queuedReply = `choice as (
    select wanted.model as wanted, case when charge.is_spent then payer.when_spent else wanted.allowed end as model
    from payer, charge, lateral (
      select coalesce(payer.asked, payer.models ->> 0) as model,
        case when payer.models ? payer.asked then payer.asked else payer.models ->> 0 end as allowed
    ) as wanted
  ), reply as (
    insert into messages (chatroom_id, user_id, parent_id, is_from_user)
    select payer.room_id, payer.user_id, question.id, false from payer, question
    returning id, parent_id, created_at
  ), queued as (
    insert into replies (message_id, question_id, chatroom_id, user_id, status, charged_on, trace, model, fallback_from,
      reserve_micros)
    select reply.id, question.id, payer.room_id, payer.user_id, 'queued', charge.day, $5::text,
      choice.model, nullif(choice.wanted, choice.model), coalesce((payer.reserves ->> choice.model)::bigint, 0)
    from payer, charge, choice, question, reply
  ), moved as (
    update chatrooms set updated_at = now(), head_id = reply.id, archived = false
    from payer, reply where chatrooms.id = payer.room_id
  )`;

const versionColumns = `case when reply.id is not null then pollux_versions($2, question.parent_id) end as versions,
    case when reply.id is not null then pollux_versions($2, question.id) end as "replyVersions"`;

export interface PlacedRow extends AcceptRow {
  /** False if the given parent is not a reply of the room: nothing was changed. */
  readonly hasParent: boolean;
  /** Of a send with files: those that exist, and those that may stand at its place. If one may not, nothing was changed. */
  readonly ownFiles?: readonly number[];
  readonly freeFiles?: readonly number[];
  readonly attachments?: readonly Attachment[] | null;
}

/** Further values of a send: parent (0 = the end of the path), content. `files`: the parameter of the ids of its files, if it has some. */
const place = (files?: string) => `place as (
    select room.*, case when $8::bigint is not distinct from 0 then head_id else $8 end as parent_id,
      coalesce($8, 0) = 0 or exists (
        select from messages m where m.id = $8 and m.chatroom_id = room.room_id and not m.is_from_user
      ) as has_parent
    from room
  ), ${files ? `${ownFiles(files)}, ` : ''}payer as (
    select * from place where at_head and has_model and has_parent ${files ? `and ${hasFiles(files)}` : ''}
  )`;
const newQuestion = (files?: string) => `question as (
    insert into messages (chatroom_id, user_id, parent_id, is_from_user, content${files ? ', attachments' : ''})
    select payer.room_id, payer.user_id, payer.parent_id, true, $9${files ? `, ${storedFiles(files)}` : ''} from payer, charge
    returning id, parent_id, created_at${files ? ', attachments' : ''}
  )${files ? `, ${boundFiles}` : ''}`;
const placeColumns = `place.head_id as "headId", place.at_head as "atHead", place.has_model as "hasModel", place.has_parent as "hasParent"`;

const sendWith = (name: string, files?: string): Statement<PlacedRow> => ({
  name,
  text: `with ${room()}, ${place(files)}, ${charge}, ${newQuestion(files)}, ${queuedReply}
    select place.tier, ${placeColumns}, ${files ? `${fileColumns}, ${attachmentsOf('question')}, ` : ''}charge.used, ${refusalColumns('place.user_id')},
      ${costColumns('place.user_id')}, ${resetColumns},
      question.id as "messageId", question.parent_id as "parentId", question.created_at as "createdAt",
      reply.id as "replyId", reply.created_at as "repliedAt", ${versionColumns}
    from place left join charge on true left join question on true left join reply on true`,
});
const send = sendWith('accept_message');
const sendFiles = sendWith('accept_message_with_files', '$10');

export interface KeyedRow extends PlacedRow {
  /** False while another request with this key has not committed. */
  readonly free: boolean;
  /** False if the room was deleted or is not the caller's; a recorded key outlives its room. */
  readonly hasRoom: boolean;
  readonly knownFingerprint: string | null;
}

/**
 * Further values: key, fingerprint. The advisory lock detects a request in flight, before the room's is waited for. If another
 * request committed after our snapshot, a unique violation rolls everything back.
 */
const sendWithKeyAnd = (name: string, files?: string): Statement<KeyedRow> => ({
  name,
  text: `with account as (
      select id, tier from users where id = $1
    ), gate as materialized (
      select pg_try_advisory_xact_lock(hashtextextended($10::text, $1::bigint)) as free from account
    ), known as (
      select message_id, reply_id, fingerprint, created_at from idempotency_keys where user_id = $1 and key = $10
    ), ${room({ from: ', gate', where: 'and gate.free and not exists (select from known)' })}, ${place(files)}, ${charge},
    ${newQuestion(files)}, ${queuedReply}, kept as (
      insert into idempotency_keys (user_id, key, fingerprint, message_id, reply_id, created_at)
      select $1, $10, $11, question.id, reply.id, question.created_at from question, reply
    )
    select account.tier, ${placeColumns}, ${files ? `${fileColumns}, ${attachmentsOf('question')}, ` : ''}
      ${refusalColumns('account.id')}, ${costColumns('account.id')}, ${resetColumns}, gate.free,
      place.room_id is not null or not gate.free and exists (
        select from chatrooms where id = $2 and user_id = $1
      ) as "hasRoom",
      case when known.fingerprint is null then charge.used else coalesce((
        select used from daily_usage where user_id = $1 and day = pollux_today()
      ), 0) end as used, known.fingerprint as "knownFingerprint",
      coalesce(question.id, known.message_id) as "messageId", coalesce(reply.id, known.reply_id) as "replyId",
      case when known.fingerprint is null then question.parent_id else (
        select parent_id from messages where id = known.message_id
      ) end as "parentId",
      coalesce(question.created_at, known.created_at) as "createdAt", reply.created_at as "repliedAt", ${versionColumns}
    from account join gate on true left join known on true left join place on true left join charge on true
      left join question on true left join reply on true`,
});
const sendWithKey = sendWithKeyAnd('accept_message_with_key');
const sendFilesWithKey = sendWithKeyAnd('accept_message_with_key_and_files', '$12');

export interface RepeatRow extends AcceptRow {
  /** The question has an unfinished reply that was not cancelled: nothing was changed. */
  readonly unfinished: boolean;
  readonly content: string;
  readonly attachments: readonly Attachment[] | null;
}

/**
 * Further values: reply. Queues another reply to the same question unless one is unfinished. If another request committed after
 * our snapshot, a unique violation rolls everything back.
 */
const repeat: Statement<RepeatRow> = {
  name: 'accept_regeneration',
  text: `with ${room({
    columns: `, r.question_id, exists (
        select from replies version where version.question_id = r.question_id
          and version.status in ('queued', 'generating') and not version.cancel_requested
      ) as unfinished`,
    from: 'join replies r on r.chatroom_id = c.id',
    where: 'and r.message_id = $8',
  })}, payer as (
      select * from room where at_head and has_model and not unfinished
    ), ${charge}, question as (
      select q.id, q.parent_id, q.created_at from messages q, payer, charge where q.id = payer.question_id
    ), ${queuedReply}
    select room.tier, room.head_id as "headId", room.at_head as "atHead", room.has_model as "hasModel",
      room.unfinished, charge.used,
      ${refusalColumns('room.user_id')}, ${costColumns('room.user_id')}, ${resetColumns}, q.id as "messageId", q.parent_id as "parentId", q.content, ${attachmentsOf('q')},
      q.created_at as "createdAt", reply.id as "replyId", reply.created_at as "repliedAt", ${versionColumns}
    from room join messages q on q.id = room.question_id left join charge on true left join question on true
      left join reply on true`,
};

interface Accepting {
  readonly userId: number;
  readonly roomId: number;
  readonly plans: Plans;
  readonly catalog: { readonly models: readonly ModelEntry[] };
  /** Limit of the account's unfinished replies, this one included; 0 = no limit. */
  readonly unfinishedAtMost: number;
  /** W3C `traceparent` of the request; null while tracing is off. */
  readonly trace: string | null;
  /** Accepted only if the room's path ends here, null in an empty room. */
  readonly ifHeadId?: number | null | undefined;
  /** Id of the model that shall answer; the room's if left out. */
  readonly model?: string | undefined;
}

export interface Question extends Accepting {
  readonly content: string;
  /** The reply it follows, null for another first question; the end of the path if left out. */
  readonly parentId?: number | null | undefined;
  /** Ids of its files, in order, each once. */
  readonly fileIds?: readonly number[];
}

export interface Repetition extends Accepting {
  readonly replyId: number;
}

const placedValues = (question: Question) => [
  ...valuesOf(question),
  question.parentId === undefined ? 0 : question.parentId,
  question.content,
];

const hasNone = ({ fileIds = [] }: Question) => fileIds.length === 0;

export async function acceptQuestion(db: Connection, question: Question): Promise<PlacedRow | null> {
  const values = placedValues(question);
  const rows = await (hasNone(question) ? db.run(send, values) : db.run(sendFiles, [...values, question.fileIds]));
  return rows[0] ?? null;
}

export async function acceptQuestionWithKey(
  db: Connection,
  question: Question,
  { key, fingerprint }: { key: string; fingerprint: string },
): Promise<KeyedRow | null> {
  const values = [...placedValues(question), key, fingerprint];
  const rows = await (hasNone(question)
    ? db.run(sendWithKey, values)
    : db.run(sendFilesWithKey, [...values, question.fileIds]));
  return rows[0] ?? null;
}

export async function acceptRegeneration(db: Connection, repetition: Repetition): Promise<RepeatRow | null> {
  const rows = await db.run(repeat, [...valuesOf(repetition), repetition.replyId]);
  return rows[0] ?? null;
}
