/** Marks each message of a path as sent with the next question or not, with the reason. */
import type { Context } from '../../contract/context.ts';
import type { Message } from '../../contract/messages.ts';

export type Fate = 'sent' | 'summarised' | 'failed' | 'unfinished' | 'left-out';

export interface SentTurn {
  readonly message: Message;
  readonly fate: Fate;
  /** Of a message that is sent, estimated. */
  readonly tokens: number | null;
}

/** In the order of `messages`, which are a path or its end. */
export function sentTurns(messages: readonly Message[], { turns, summary }: Context): SentTurn[] {
  const tokensOf = new Map(turns.map(({ message_id, tokens }) => [message_id, tokens]));
  const statusOf = new Map(messages.flatMap(({ in_reply_to, status }) => (in_reply_to ? [[in_reply_to, status]] : [])));
  return messages.map((message) => {
    const tokens = tokensOf.get(message.id) ?? null;
    // A question shares the fate of its reply.
    const status = statusOf.get(message.id) ?? message.status;
    return { message, tokens, fate: tokens === null ? fateOf(message.id, status, summary) : 'sent' };
  });
}

function fateOf(id: number, status: Message['status'], summary: Context['summary']): Fate {
  if (status === 'failed') return 'failed';
  if (summary !== null && id <= summary.up_to_message_id) return 'summarised';
  return status === 'queued' || status === 'generating' ? 'unfinished' : 'left-out';
}
