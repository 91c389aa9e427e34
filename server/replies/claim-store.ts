/** SQL that takes queued replies: those that are due, by turns between people and by weight between plans. */
import type { Connection, Statement } from '../ports/database.ts';
import { planShares } from '../plans/limits.ts';
import type { PlanTurns } from './plan-turns.ts';

export interface Claim {
  readonly id: number;
  readonly roomId: number;
  readonly userId: number;
  readonly questionId: number;
  /** Goes up with every claim; clients see it as the number of the attempt. */
  readonly epoch: number;
  /** Claims that count, this one included: not those that a shutdown handed back. */
  readonly attempts: number;
  /** So often its worker died that it is tried once more, and not beside others in the same position. */
  readonly lastChance: boolean;
  readonly plan: string;
  /** The trace of the request that asked; null while nobody collects. */
  readonly trace: string | null;
  /** Time left until the reply must be finished, by the database's clock. */
  readonly leftMs: number;
}

/** A reply that took so many workers with it is not given to another. */
export const mostDeaths = 3;

const chance = `r.deaths >= ${mostDeaths - 1}`;
const claimColumns = `r.message_id as id, r.chatroom_id as "roomId", r.user_id as "userId", r.question_id as "questionId",
  r.epoch, r.attempts, ${chance} as "lastChance", r.trace,
  (extract(epoch from r.deadline_at - now()) * 1000)::float8 as "leftMs"`;

/**
 * Values: worker, how many, time-out in ms, model, plans, how far each has come, their weights, replies each allows at
 * once, whether one at its last chance may be taken.
 *
 * Takes nothing while the vendor has paused the model. Takes due replies, each the first unfinished of its room: those
 * of people with the fewest running before others, and of these whoever was served longest ago. An account's row is
 * locked, and passed over when another claim served it since our snapshot, so that claims side by side never exceed
 * what its plan allows at once.
 */
const claim: Statement<Claim> = {
  name: 'reply_claim',
  text: `with plan as (
      select * from unnest($5::text[], $6::float8[], $7::float8[], $8::int[]) as plan (tier, behind, weight, at_once)
    ), waiting as (
      select r.message_id as id, r.user_id, ${chance} as last_chance,
        row_number() over (partition by r.user_id order by r.message_id) as nth
      from replies r
      where r.status = 'queued' and r.next_attempt_at <= now() and ($9 or not ${chance})
        and not exists (select from model_pauses where model = $4 and (until > now() or missing_since is not null))
        and not exists (
        select from replies earlier where earlier.chatroom_id = r.chatroom_id
          and earlier.message_id < r.message_id and earlier.status in ('queued', 'generating')
      )
    ), running as (
      select user_id, count(*) as replies from replies where status = 'generating' group by user_id
    ), candidate as (
      select waiting.id, waiting.user_id, u.served_at, plan.tier, plan.behind, plan.weight, waiting.last_chance,
        row_number() over (
          partition by plan.tier order by coalesce(running.replies, 0) + nth, u.served_at nulls first, waiting.id
        ) as place, row_number() over (partition by waiting.last_chance order by waiting.id) as chance
      from waiting join users u on u.id = waiting.user_id join plan on plan.tier = u.tier
        left join running on running.user_id = waiting.user_id
      where coalesce(running.replies, 0) + nth <= plan.at_once
    ), chosen as (
      select id, user_id, served_at, tier from candidate where not last_chance or chance = 1
      order by behind + place / weight, id limit $2
    ), account as (
      select u.id from users u join (select distinct user_id, served_at from chosen) as seen
        on seen.user_id = u.id and u.served_at is not distinct from seen.served_at
      for no key update of u skip locked
    ), taken as (
      select r.message_id as id, r.user_id, chosen.tier from replies r join chosen on chosen.id = r.message_id
        join account on account.id = chosen.user_id
      where r.status = 'queued' for update of r skip locked
    ), served as (
      update users u set served_at = clock_timestamp() where u.id in (select user_id from taken)
    )
    update replies r set status = 'generating', epoch = r.epoch + 1, attempts = r.attempts + 1, worker_id = $1,
      model = $4, text = null, deadline_at = coalesce(r.deadline_at, now() + make_interval(secs => $3::float8 / 1000))
    from taken where r.message_id = taken.id returning ${claimColumns}, taken.tier as plan`,
};

export interface ClaimOptions {
  readonly workerId: string;
  readonly limit: number;
  readonly timeoutMs: number;
  readonly model: string;
  /** Whose turn it is between plans; told of what was claimed. */
  readonly turns: PlanTurns;
  /** False while this worker runs a reply that is at its last chance. */
  readonly mayTakeLastChance: boolean;
}

const plans = Object.entries(planShares);

export async function claimReplies(db: Connection, options: ClaimOptions): Promise<Claim[]> {
  const { workerId, limit, timeoutMs, model, turns, mayTakeLastChance } = options;
  const claims = await db.run(claim, [
    workerId,
    limit,
    timeoutMs,
    model,
    plans.map(([plan]) => plan),
    plans.map(([plan]) => turns.behind(plan)),
    plans.map(([, { weight }]) => weight),
    plans.map(([, { repliesAtOnce }]) => repliesAtOnce),
    mayTakeLastChance,
  ]);
  for (const { plan } of claims) turns.note(plan);
  return claims;
}
