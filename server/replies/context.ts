/** Shows what the next question of a room would be sent with, made by the code that makes prompts. */
import type { Context } from '../../contract/context.ts';
import { readTier } from '../accounts/store.ts';
import { readRoom } from '../chatrooms/store.ts';
import { modelIn, type Plans } from '../config/catalog.ts';
import { notFound } from '../problems/problem.ts';
import { planPrompts, type PromptDeps } from './prompt.ts';

export interface ContextDeps extends PromptDeps {
  readonly plans: Plans;
}

/** Throws `not_found` if the room is not the user's. */
export async function readContext(deps: ContextDeps, userId: number, roomId: number): Promise<Context> {
  const { db, models, plans } = deps;
  const [room, tier] = await Promise.all([readRoom(db, userId, roomId), readTier(db, userId)]);
  if (room === null || tier === null) throw notFound();
  const { id: model, contextTokens } = models.of(modelIn(plans.of(tier), room.model));
  const [planned] = await planPrompts(deps, [{ lastMessageId: room.headId, userId, roomId, model }]);
  const { system, summaryUpTo, turns, files, factor, estimate } = planned!;
  const corrected = (tokens: number) => Math.round(tokens * factor);
  return {
    model,
    budget_tokens: contextTokens,
    used_tokens: corrected(estimate),
    instructions: [system.instructions, system.roomInstructions].filter((text) => text !== null).join('\n\n') || null,
    memories: [...system.memories],
    summary: summaryUpTo === null ? null : { text: system.summary!, up_to_message_id: summaryUpTo },
    files: files.map(({ file, sent, tokens }) => ({
      id: file.id,
      name: file.name,
      message_id: file.messageId,
      sent,
      tokens: corrected(tokens),
    })),
    turns: turns.map(({ messageId, tokens }) => ({ message_id: messageId, tokens: corrected(tokens) })),
  };
}
