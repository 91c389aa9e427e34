/**
 * Questions that are being sent. Retries use the same Idempotency-Key, so a lost response never duplicates one; a question
 * that cannot be sent returns to the composer.
 */
import { useSyncExternalStore } from 'react';
import type { Attachment } from '../../contract/attachments.ts';
import type { AcceptedMessage, Message } from '../../contract/messages.ts';
import { sendMessage } from '../api/messages.ts';
import { ApiProblem, Unreachable } from '../api/problem.ts';
import { queries } from '../app/queries.ts';
import { addMessages } from '../live/message-cache.ts';
import { keyFor, settle, type Asking } from './unsettled.ts';

export interface Outgoing {
  readonly key: string;
  readonly roomId: number;
  readonly asking: Asking;
  readonly attachments: readonly Attachment[];
}

/** Outcome of a question: `refused` means neither accepted nor charged. */
export type Sent = { readonly kind: 'accepted' } | { readonly kind: 'refused'; readonly problem: ApiProblem | null };

const tries = 6;
const firstWaitMs = 400;

let outgoing: readonly Outgoing[] = [];
const listeners = new Set<() => void>();

function change(next: readonly Outgoing[]): void {
  outgoing = next;
  for (const listener of listeners) listener();
}

const subscribe = (listener: () => void) => {
  listeners.add(listener);
  return () => listeners.delete(listener);
};

/** Questions at the end of a room that the server has not accepted yet. */
export function useOutgoing(roomId: number): readonly Outgoing[] {
  return useSyncExternalStore(subscribe, () => outgoing).filter(
    ({ roomId: room, asking }) => room === roomId && asking.parentId === undefined,
  );
}

/**
 * Sends a question, with retries while there is no response. With the parent of another question it becomes a further version
 * of that. Never throws.
 */
export async function send(
  roomId: number,
  content: string,
  attachments: readonly Attachment[],
  parentId?: number | null,
): Promise<Sent> {
  const asking: Asking = { content, files: attachments.map(({ id }) => id), parentId };
  const one: Outgoing = { key: keyFor(roomId, asking), roomId, asking, attachments };
  change([...outgoing, one]);
  try {
    const accepted = await sendUntilAnswered(one);
    settle(roomId);
    addMessages(queries, roomId, messagesOf(accepted, attachments));
    return { kind: 'accepted' };
  } catch (error) {
    if (!mayRepeat(error)) settle(roomId);
    return { kind: 'refused', problem: error instanceof ApiProblem ? error : null };
  } finally {
    change(outgoing.filter(({ key }) => key !== one.key));
  }
}

async function sendUntilAnswered({ roomId, key, asking }: Outgoing): Promise<AcceptedMessage> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await sendMessage(roomId, key, asking);
    } catch (error) {
      if (attempt === tries || !mayRepeat(error)) throw error;
      const { promise, resolve } = Promise.withResolvers<void>();
      setTimeout(resolve, firstWaitMs * 2 ** (attempt - 1));
      await promise;
    }
  }
}

/** The server may have accepted it, or asks for a retry. */
function mayRepeat(error: unknown): boolean {
  if (error instanceof Unreachable) return true;
  if (!(error instanceof ApiProblem) || error.code === 'service_budget_reached') return false;
  return error.status === 503 || error.code === 'request_in_flight';
}

/** The question and its queued reply as list items. */
export function messagesOf(
  { id, content, created_at, parent_id, reply }: AcceptedMessage,
  attachments: readonly Attachment[] = [],
): Message[] {
  const shared = { created_at, code: null, truncated: false, model: null, fallback_from: null, feedback: null };
  return [
    {
      ...shared,
      id,
      content,
      attachments: [...attachments],
      is_from_user: true,
      status: 'complete',
      in_reply_to: null,
      parent_id,
      versions: [id],
      attempt: null,
      charged: null,
    },
    {
      ...shared,
      id: reply.id,
      content: '',
      attachments: [],
      is_from_user: false,
      status: reply.status,
      in_reply_to: id,
      parent_id: id,
      versions: [reply.id],
      attempt: 0,
      charged: true,
    },
  ];
}
