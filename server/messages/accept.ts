/** After a question is committed: announces it, refreshes the list of rooms, wakes a worker. */
import type { Attachment } from '../../contract/attachments.ts';
import type { AcceptedMessage, Message } from '../../contract/messages.ts';
import { forgetRoomList } from '../chatrooms/room-list.ts';
import type { RequestKey } from '../http/serve.ts';
import type { Catalog, Plans } from '../config/catalog.ts';
import type { Models } from '../models/models.ts';
import type { Cache } from '../ports/cache.ts';
import type { Database } from '../ports/database.ts';
import type { Feed } from '../ports/feed.ts';
import type { WakeUps } from '../ports/wake-ups.ts';
import { meterBudget, quotaChanged, type BudgetMeter, type Quota } from '../plans/quota.ts';

export interface AcceptDeps {
  readonly db: Database;
  readonly cache: Cache;
  readonly feed: Feed;
  readonly wakeUps: WakeUps;
  readonly plans: Plans;
  readonly models: Models;
  readonly catalog: Pick<Catalog, 'models'>;
  readonly budgetMeter: BudgetMeter;
  /** True once the service has spent what it may in a day. */
  readonly serviceSpent: () => boolean;
  /** Limit of an account's unfinished replies; 0 = no limit. */
  readonly unfinishedAtMost: number;
}

export interface Accepted {
  readonly userId: number;
  readonly roomId: number;
  readonly messageId: number;
  readonly parentId: number | null;
  readonly replyId: number;
  readonly content: string;
  readonly createdAt: Date;
  readonly attachments: readonly Attachment[];
  readonly quota: Quota;
  /** Null for a repeated request, which was announced already. */
  readonly news: News | null;
}

interface News {
  readonly repliedAt: Date;
  /** The questions at this place, and the replies to this one. */
  readonly versions: readonly number[];
  readonly replyVersions: readonly number[];
}

/** The response to the sender. */
export function presentAccepted(
  accepted: Pick<Accepted, 'messageId' | 'parentId' | 'replyId' | 'content' | 'createdAt'>,
): AcceptedMessage {
  return {
    id: accepted.messageId,
    content: accepted.content,
    is_from_user: true,
    created_at: accepted.createdAt.toISOString(),
    parent_id: accepted.parentId,
    reply: { id: accepted.replyId, status: 'queued' },
  };
}

/** All but the cache is fire and forget: the sweep and a `feed.reset` make up for losses. */
export async function announceAccepted(
  { cache, feed, wakeUps, budgetMeter }: AcceptDeps,
  accepted: Accepted,
  requestKey: RequestKey | null,
): Promise<void> {
  const { userId, roomId, quota, news } = accepted;
  if (news === null) return;
  meterBudget(quota, budgetMeter);
  wakeUps.wake('replies');
  feed.publish(userId, [
    {
      type: 'message.created',
      chatroom_id: roomId,
      message: questionOf(accepted, news),
      reply: replyOf(accepted, news),
      ...(requestKey && { idempotency_key: requestKey.key }),
      head_id: accepted.replyId,
      updated_at: news.repliedAt.toISOString(),
    },
    quotaChanged(quota),
  ]);
  await forgetRoomList(cache, userId);
}

const plain = {
  code: null,
  truncated: false,
  attempt: null,
  model: null,
  fallback_from: null,
  charged: null,
  feedback: null,
} as const;

function questionOf({ messageId, parentId, content, createdAt, attachments }: Accepted, { versions }: News): Message {
  return {
    id: messageId,
    content,
    is_from_user: true,
    created_at: createdAt.toISOString(),
    status: 'complete',
    in_reply_to: null,
    parent_id: parentId,
    versions: [...versions],
    ...plain,
    attachments: [...attachments],
  };
}

function replyOf({ replyId, messageId }: Accepted, { repliedAt, replyVersions }: News): Message {
  return {
    id: replyId,
    content: '',
    is_from_user: false,
    created_at: repliedAt.toISOString(),
    status: 'queued',
    in_reply_to: messageId,
    parent_id: messageId,
    versions: [...replyVersions],
    ...plain,
    attachments: [],
    attempt: 0,
    charged: true,
  };
}
