/** What a question is sent with: a system instruction, and the newest turns that fit the model's budget. */
import { readInstructionsAndMemories } from '../memories/store.ts';
import type { Models } from '../models/models.ts';
import type { Connection } from '../ports/database.ts';
import { textTurn, type Prompt } from '../ports/model.ts';
import type { Claim } from './claim-store.ts';
import { systemInstruction, type Known } from './instructions.ts';
import { readTurns, type StoredTurn } from './prompt-store.ts';

export interface PromptDeps {
  readonly db: Connection;
  readonly models: Models;
}

/** The part of a budget that instructions and memories may take. */
const systemShare = 0.5;

/** The prompt of each claim, by the reply's id; without turns if the room was deleted. */
export async function readPrompts(
  { db, models }: PromptDeps,
  claims: readonly Pick<Claim, 'id' | 'questionId' | 'userId' | 'model'>[],
): Promise<Map<number, Prompt>> {
  const budgets = claims.map(({ model }) => models.of(model).contextTokens);
  const [known, turns] = await Promise.all([
    readInstructionsAndMemories(
      db,
      claims.map(({ userId }) => userId),
    ),
    readTurns(
      db,
      claims.map(({ questionId }) => questionId),
      budgets,
    ),
  ]);
  const knownBy = new Map(known.map((row) => [row.userId, row]));
  return new Map(
    claims.map(({ id, userId }, n) => [id, makePrompt(knownBy.get(userId) ?? nothingKnown, turns[n]!, budgets[n]!)]),
  );
}

const nothingKnown: Known = { instructions: null, memories: [] };

function makePrompt(known: Known, turns: readonly StoredTurn[], budget: number): Prompt {
  const system = systemInstruction(known, Math.floor(budget * systemShare));
  const kept = newestThatFit(turns, budget - system.tokens);
  return {
    instructions: system.text,
    turns: kept.map(({ isFromUser, content }) => textTurn(isFromUser ? 'user' : 'model', content)),
  };
}

/** The question, and before it what fits; never beginning with an answer. */
function newestThatFit(turns: readonly StoredTurn[], tokens: number): readonly StoredTurn[] {
  let left = tokens;
  let first = turns.length;
  while (first > 0) {
    left -= turns[first - 1]!.tokens;
    if (left < 0 && first < turns.length) break;
    first -= 1;
  }
  const kept = turns.slice(first);
  return kept[0]?.isFromUser === false ? kept.slice(1) : kept;
}
