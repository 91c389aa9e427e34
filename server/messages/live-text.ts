/** The text of a generating reply: its last checkpoint plus later deltas from the feed. */
import type { FeedEvent } from '../../contract/events.ts';
import type { Feed } from '../ports/feed.ts';
import type { MessageRow } from './store.ts';

const lookBack = 2000;

/**
 * Returns the rows with the streamed text of generating replies, so that a client that subscribes before it reads misses
 * nothing. Other rows are unchanged.
 */
export async function withLiveText(feed: Feed, userId: number, rows: readonly MessageRow[]): Promise<MessageRow[]> {
  if (!rows.some((row) => row.status === 'generating')) return [...rows];
  const entries = await feed.recent(userId, lookBack);
  const deltas = entries
    .filter((entry) => entry.type === 'reply.delta')
    .map((entry) => JSON.parse(entry.data) as Delta);
  return rows.map((row) => (row.status === 'generating' ? { ...row, content: extend(row, deltas) } : row));
}

type Delta = Extract<FeedEvent, { type: 'reply.delta' }>;

/** Appends deltas beyond the checkpoint up to the first gap. */
function extend(row: MessageRow, deltas: readonly Delta[]): string {
  let text = row.content;
  for (const delta of deltas) {
    if (delta.message_id !== row.id || delta.attempt !== row.attempt) continue;
    if (delta.offset > text.length) break;
    text += delta.text.slice(text.length - delta.offset);
  }
  return text;
}
