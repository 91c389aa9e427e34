/** Assembles a reply from the live feed, as a client does; a gap or a repeat is an error. */
import type { FeedEvent } from '../contract/events.ts';
import type { ReceivedEvent } from './client.ts';

export interface LiveReply {
  readonly text: string;
  /** Number of the attempt that wrote `text`. */
  readonly attempt: number;
  /** How often the text was reset. */
  readonly resets: number;
  readonly deltas: number;
  /** Deltas of an ended attempt: a worker that was frozen may still publish what it reads. */
  readonly stale: number;
  /** The text in its last event; null before that. */
  readonly ended: { readonly type: string; readonly content: string } | null;
}

type Told = FeedEvent & { readonly message_id: number };

/** Applies an event to a reply; throws when it does not follow the previous ones. */
export function liveReply(received: readonly ReceivedEvent[], replyId: number): LiveReply {
  let reply: LiveReply = { text: '', attempt: 0, resets: 0, deltas: 0, stale: 0, ended: null };
  for (const { event } of received) {
    if ('message_id' in event && event.message_id === replyId) reply = advance(reply, event);
  }
  return reply;
}

function advance(reply: LiveReply, event: Told): LiveReply {
  switch (event.type) {
    case 'reply.started':
      if (event.attempt <= reply.attempt) throw new Error(`attempt ${event.attempt} began after ${reply.attempt}`);
      return { ...reply, text: '', attempt: event.attempt };
    case 'reply.reset':
      return { ...reply, text: '', resets: reply.resets + 1 };
    case 'reply.delta':
      return append(reply, event);
    case 'reply.completed':
    case 'reply.failed':
    case 'reply.cancelled':
      return end(reply, { type: event.type, content: event.message.content });
    default:
      return reply;
  }
}

function append(reply: LiveReply, { attempt, offset, text }: Extract<FeedEvent, { type: 'reply.delta' }>): LiveReply {
  if (attempt < reply.attempt) return { ...reply, stale: reply.stale + 1 };
  if (attempt > reply.attempt) throw new Error(`a delta of attempt ${attempt} before it began`);
  if (reply.ended !== null) throw new Error(`a delta after ${reply.ended.type}`);
  if (offset !== reply.text.length) throw new Error(`a delta at ${offset}, not at ${reply.text.length}`);
  return { ...reply, text: reply.text + text, deltas: reply.deltas + 1 };
}

/** The same end may be published twice, but not two different ones. */
function end(reply: LiveReply, ended: { type: string; content: string }): LiveReply {
  const { ended: before } = reply;
  if (before !== null && (before.type !== ended.type || before.content !== ended.content)) {
    throw new Error(`${ended.type} after ${before.type}`);
  }
  return { ...reply, ended };
}
