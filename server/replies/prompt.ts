/** What of a conversation goes to the model: the question and the newest turns before it that fit. */
import type { Turn } from '../ports/model.ts';

export interface PromptMessage {
  readonly id: number;
  readonly content: string;
  readonly isFromUser: boolean;
  readonly inReplyTo: number | null;
}

/** How many messages are looked at, at most. */
export const lookBackMessages = 200;

const bytesPerToken = 4;

/** A rough count that errs on the high side for prose: UTF-8 bytes by four, and a little for each turn. */
export function estimateTokens(text: string): number {
  return Math.ceil(Buffer.byteLength(text) / bytesPerToken) + 4;
}

/**
 * Turns for the model, oldest first, ending with the question. `newestFirst` begins with the question. Of several
 * replies to one message only the newest counts. Older turns are dropped as a block once the budget is spent; the
 * question itself always goes.
 */
export function buildPrompt(newestFirst: readonly PromptMessage[], tokenBudget: number): Turn[] {
  const answered = new Set<number>();
  const turns: Turn[] = [];
  let left = tokenBudget;
  for (const message of newestFirst) {
    if (message.inReplyTo !== null) {
      if (answered.has(message.inReplyTo)) continue;
      answered.add(message.inReplyTo);
    }
    left -= estimateTokens(message.content);
    if (left < 0 && turns.length > 0) break;
    turns.push({ role: message.isFromUser ? 'user' : 'model', text: message.content });
  }
  turns.reverse();
  const start = turns.findIndex((turn) => turn.role === 'user');
  return start === -1 ? [] : turns.slice(start);
}
