/** A path as turns: a question and its answer, oldest first. */
import type { Message } from '../../contract/messages.ts';

export interface Turn {
  /** Id of the question; of the reply if the question is on an older page. */
  readonly id: number;
  readonly question: Message | null;
  /** Null if it is on a newer page. */
  readonly answer: Message | null;
}

export function turnsOf(messages: readonly Message[]): Turn[] {
  const turns: Turn[] = [];
  for (const message of messages) {
    const last = turns.at(-1);
    if (message.is_from_user) turns.push({ id: message.id, question: message, answer: null });
    else if (last?.id === message.in_reply_to) turns[turns.length - 1] = { ...last, answer: message };
    else turns.push({ id: message.in_reply_to ?? message.id, question: null, answer: message });
  }
  return turns;
}
