/** Messages as the contract shows them. */
import type { Message } from '../../contract/messages.ts';
import type { MessageRow } from './store.ts';

export function presentMessage(row: MessageRow): Message {
  return {
    id: row.id,
    content: row.content,
    is_from_user: row.isFromUser,
    created_at: row.createdAt.toISOString(),
    status: row.status,
    in_reply_to: row.inReplyTo,
    parent_id: row.parentId,
    versions: [...row.versions],
    code: row.code,
    truncated: row.truncated,
    attempt: row.attempt,
    model: row.model,
    fallback_from: row.fallbackFrom,
    charged: row.charged,
    feedback: row.feedback,
    attachments: [...(row.attachments ?? [])],
  };
}
