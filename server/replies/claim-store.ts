/** SQL that claims due replies: round robin between accounts, by weight between plans. */
import type { Plans } from '../config/catalog.ts';
import type { Connection, Statement } from '../ports/database.ts';
import type { PlanTurns } from './plan-turns.ts';

export interface Claim {
  readonly id: number;
  readonly roomId: number;
  readonly userId: number;
  readonly questionId: number;
  /** Id of the model that answers. */
  readonly model: string;
  /** The requested model, if another one answers. */
  readonly fallbackFrom: string | null;
  /** Incremented by every claim; clients see it as `attempt`. */
  readonly epoch: number;
  /** Claims counted as attempts, this one included; a claim released at shutdown is not counted. */
  readonly attempts: number;
  /** Its workers died so often that this is the last try; a worker runs one such reply at a time. */
  readonly lastChance: boolean;
  readonly plan: string;
  /** `traceparent` of the request; null while tracing is off. */
  readonly trace: string | null;
  /** Time until the deadline, by the database's clock. */
  readonly leftMs: number;
}

/** The model of reply `r`: the one it was accepted for while that is among the ids of `parameter`, otherwise the first of them. */
export const modelOf = (parameter: string) =>
  `case when r.model = any(${parameter}::text[]) then r.model else (${parameter}::text[])[1] end`;

/** A reply fails after this many workers died while running it. */
export const mostDeaths = 3;

/** Models that a reload of the catalog removed are answered by the plan's default. */
const isKnown = `r.model = any($4::text[])`;

const chance = `r.deaths >= ${mostDeaths - 1}`;
const claimColumns = `r.message_id as id, r.chatroom_id as "roomId", r.user_id as "userId", r.question_id as "questionId",
  r.model, r.fallback_from as "fallbackFrom", r.epoch, r.attempts, ${chance} as "lastChance", r.trace,
  (extract(epoch from r.deadline_at - now()) * 1000)::float8 as "leftMs"`;

/** A CTE of the rooms with several unfinished replies, and the oldest of each. */
export const crowdedRooms = `crowded as (
      select chatroom_id, min(message_id) as oldest from replies where status in ('queued', 'generating')
      group by chatroom_id having count(*) > 1
    )`;

/**
 * True for a queued reply `r`, left joined to `crowded`, that no unfinished one is above. Walked up only while there can be one:
 * not above the oldest of the room, nor above one that was ever claimed, since it had none above it then.
 */
export const isFree = `(crowded.oldest is null or r.message_id = crowded.oldest or not exists (
        with recursive above as (
          select parent_id as id from messages where id = r.question_id
          union all
          select question.parent_id from above join replies ended on ended.message_id = above.id
            join messages question on question.id = ended.question_id
          where above.id > crowded.oldest and ended.status not in ('queued', 'generating') and ended.epoch = 0
        )
        select from above join replies unfinished on unfinished.message_id = above.id
        where unfinished.status in ('queued', 'generating')
      ))`;

/** Afterwards a reply goes on without what is not read yet. */
const longestFileWait = `interval '5 minutes'`;

/** False for a queued reply `r` that waits for files of its question which are being read. */
export const hasItsFiles = `(r.epoch > 0 or r.next_attempt_at < now() - ${longestFileWait} or not exists (
        select from files f join messages question on question.id = r.question_id
        where f.status = 'processing' and f.chatroom_id = r.chatroom_id
          and question.attachments @> jsonb_build_array(jsonb_build_object('id', f.id))
      ))`;

/**
 * Values: worker, limit, time-out in ms, models, plans, the pass of each, their weights and concurrency, whether a reply at its
 * last chance may be claimed, the default model of each plan.
 *
 * Claims nothing for a model that its vendor has paused. Claims due replies with none unfinished above: accounts with the fewest
 * running first, then those served longest ago. An account's row is locked, and skipped if another claim served it
 * since our snapshot, so that concurrent claims never exceed the concurrency of its plan.
 */
const claim: Statement<Claim> = {
  name: 'reply_claim',
  text: `with plan as (
      select * from unnest($5::text[], $6::float8[], $7::float8[], $8::int[], $10::text[])
        as plan (tier, behind, weight, at_once, model)
    ), ${crowdedRooms}, waiting as (
      select r.message_id as id, r.user_id, ${chance} as last_chance,
        row_number() over (partition by r.user_id order by r.message_id) as nth
      from replies r left join crowded on crowded.chatroom_id = r.chatroom_id
      where r.status = 'queued' and r.next_attempt_at <= now() and ($9 or not ${chance})
        and not exists (
          select from model_pauses where model = ${modelOf('$4')} and (until > now() or missing_since is not null)
        )
        and ${isFree} and ${hasItsFiles}
    ), running as (
      select user_id, count(*) as replies from replies where status = 'generating' group by user_id
    ), candidate as (
      select waiting.id, waiting.user_id, u.served_at, plan.tier, plan.behind, plan.weight, plan.model,
        waiting.last_chance,
        row_number() over (
          partition by plan.tier order by coalesce(running.replies, 0) + nth, u.served_at nulls first, waiting.id
        ) as place, row_number() over (partition by waiting.last_chance order by waiting.id) as chance
      from waiting join users u on u.id = waiting.user_id join plan on plan.tier = u.tier
        left join running on running.user_id = waiting.user_id
      where coalesce(running.replies, 0) + nth <= plan.at_once
    ), chosen as (
      select id, user_id, served_at, tier, model from candidate where not last_chance or chance = 1
      order by behind + place / weight, id limit $2
    ), account as (
      select u.id from users u join (select distinct user_id, served_at from chosen) as seen
        on seen.user_id = u.id and u.served_at is not distinct from seen.served_at
      for no key update of u skip locked
    ), taken as (
      select r.message_id as id, r.user_id, chosen.tier, chosen.model from replies r join chosen on chosen.id = r.message_id
        join account on account.id = chosen.user_id
      where r.status = 'queued' for update of r skip locked
    ), served as (
      update users u set served_at = clock_timestamp() where u.id in (select user_id from taken)
    )
    update replies r set status = 'generating', epoch = r.epoch + 1, attempts = r.attempts + 1, worker_id = $1,
      model = case when ${isKnown} then r.model else taken.model end,
      fallback_from = case when ${isKnown} or r.model is null then r.fallback_from else coalesce(r.fallback_from, r.model) end,
      text = null, deadline_at = coalesce(r.deadline_at, now() + make_interval(secs => $3::float8 / 1000))
    from taken where r.message_id = taken.id returning ${claimColumns}, taken.tier as plan`,
};

export interface ClaimOptions {
  readonly workerId: string;
  readonly limit: number;
  readonly timeoutMs: number;
  /** Ids, the default model's first. */
  readonly models: readonly string[];
  readonly plans: Plans;
  /** Decides between plans; updated with the claims. */
  readonly turns: PlanTurns;
  /** False while this worker runs a reply at its last chance. */
  readonly mayTakeLastChance: boolean;
}

export async function claimReplies(db: Connection, options: ClaimOptions): Promise<Claim[]> {
  const { workerId, limit, timeoutMs, models, plans, turns, mayTakeLastChance } = options;
  const claims = await db.run(claim, [
    workerId,
    limit,
    timeoutMs,
    models,
    plans.all.map(({ id }) => id),
    plans.all.map(({ id }) => turns.behind(id)),
    plans.all.map(({ weight }) => weight),
    plans.all.map(({ repliesAtOnce }) => repliesAtOnce),
    mayTakeLastChance,
    plans.all.map(({ models: [model] }) => model),
  ]);
  for (const { plan } of claims) turns.note(plan);
  return claims;
}
