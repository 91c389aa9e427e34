/** A conversation as turns: a question and the versions of its answer, oldest first. */
import type { Message } from '../../contract/messages.ts';

export interface Turn {
  /** Id of the question; of the reply if the question is on an older page. */
  readonly id: number;
  readonly question: Message | null;
  readonly answers: readonly Message[];
}

export function turnsOf(messages: readonly Message[]): Turn[] {
  const turns = new Map<number, { id: number; question: Message | null; answers: Message[] }>();
  for (const message of messages) {
    if (message.is_from_user) {
      turns.set(message.id, { id: message.id, question: message, answers: turns.get(message.id)?.answers ?? [] });
      continue;
    }
    const id = message.in_reply_to ?? message.id;
    const turn = turns.get(id) ?? { id, question: null, answers: [] };
    turn.answers.push(message);
    turns.set(id, turn);
  }
  return [...turns.values()].toSorted((a, b) => a.id - b.id);
}
