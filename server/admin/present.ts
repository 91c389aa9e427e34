/** Maps rows to the operators' objects of the contract. */
import type { AdminQueue, AuditEntry, BillingEvent } from '../../contract/admin.ts';
import type { AdminUser, AdminUserDetail } from '../../contract/admin-users.ts';
import type { AuditRow } from '../audit/store.ts';
import type { Backlog } from '../replies/backlog-store.ts';
import type { EventRow } from '../subscriptions/event-store.ts';
import type { StandingRow } from '../subscriptions/store.ts';
import type { FailedReply, PausedModel, Unfinished } from './queue-store.ts';
import type { UserDetail, UserRow } from './user-store.ts';

export function presentUser(row: UserRow): AdminUser {
  return {
    id: row.id,
    mobile_number: row.mobileNumber,
    tier: row.tier,
    granted_tier: row.grantedTier,
    role: row.role,
    blocked: row.blocked,
    created_at: row.createdAt.toISOString(),
    verified_at: row.verifiedAt?.toISOString() ?? null,
    messages_today: row.usedToday,
    last_message_date: row.lastDay,
    month_cost_usd: row.monthCostMicros / 1_000_000,
  };
}

export function presentDetail(row: UserDetail, standing: StandingRow | null): AdminUserDetail {
  return {
    ...presentUser(row),
    sessions: row.sessions,
    rooms: row.rooms,
    unfinished_replies: row.unfinished,
    total_cost_usd: row.costMicros / 1_000_000,
    revenue: [...row.revenue],
    subscription: standing && {
      status: standing.status,
      current_period_end: standing.currentPeriodEnd?.toISOString() ?? null,
      cancel_at_period_end: standing.cancelAtPeriodEnd,
    },
  };
}

export function presentEvent(row: EventRow): BillingEvent {
  return {
    id: row.id,
    event_id: row.eventId,
    type: row.type,
    customer_id: row.customerId,
    state: row.state,
    received_at: row.receivedAt.toISOString(),
  };
}

export function presentAudit(row: AuditRow): AuditEntry {
  return {
    id: row.id,
    at: row.at.toISOString(),
    actor: row.actor,
    actor_id: row.actorId,
    action: row.action,
    user_id: row.userId,
    details: row.details,
  };
}

export interface QueueState {
  readonly backlog: Backlog;
  readonly unfinished: Unfinished;
  readonly paused: readonly PausedModel[];
  readonly failures: readonly FailedReply[];
}

export function presentQueue({ backlog, unfinished, paused, failures }: QueueState): AdminQueue {
  const byCode = Map.groupBy(failures, ({ code }) => code);
  return {
    depth: backlog.depth,
    oldest_seconds: backlog.oldestSeconds,
    queued: unfinished.queued,
    generating: unfinished.generating,
    workers: backlog.workersAlive,
    paused_models: paused.map(({ model, until, missingSince }) => ({
      model,
      until: until.toISOString(),
      missing_since: missingSince?.toISOString() ?? null,
    })),
    failures: [...byCode].map(([code, samples]) => ({
      code,
      count: samples[0]!.count,
      samples: samples.map((one) => ({
        reply_id: one.replyId,
        user_id: one.userId,
        model: one.model,
        attempts: one.attempts,
        failed_at: one.finishedAt.toISOString(),
      })),
    })),
  };
}
