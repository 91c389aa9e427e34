/** What a question is sent with: a system instruction with a summary of older turns, and the newest that fit the budget. */
import { readAskedRooms } from '../chatrooms/store.ts';
import { readInstructionsAndMemories } from '../memories/store.ts';
import type { Models } from '../models/models.ts';
import type { Connection } from '../ports/database.ts';
import { textTurn, type Prompt } from '../ports/model.ts';
import type { Claim } from './claim-store.ts';
import { systemInstruction, type Known, type SystemInstruction } from './instructions.ts';
import { readPaths, type StoredPath, type StoredTurn } from './prompt-store.ts';

export interface PromptDeps {
  readonly db: Connection;
  readonly models: Models;
}

/** The part of a budget that instructions and memories may take. */
const systemShare = 0.5;

export interface PlannedPrompt {
  readonly prompt: Prompt;
  readonly system: SystemInstruction;
  /** The last message that the summary covers; null if there is no summary. */
  readonly summaryUpTo: number | null;
  readonly turns: readonly StoredTurn[];
  /** Tokens of all of it, as estimated. */
  readonly estimate: number;
  /** The turns since the summary, sent or not, and their budget, in estimated tokens. */
  readonly sinceSummary: { readonly messages: number; readonly tokens: number; readonly budget: number };
  readonly roomIsUnnamed: boolean;
  /** What an estimate is multiplied with to be what the vendor would count. */
  readonly factor: number;
}

/** The prompt of each claim, by the reply's id; without turns if the room was deleted. */
export async function readPrompts(
  deps: PromptDeps,
  claims: readonly Pick<Claim, 'id' | 'questionId' | 'userId' | 'roomId' | 'model'>[],
): Promise<Map<number, PlannedPrompt>> {
  const paths = claims.map(({ questionId, ...claim }) => ({ ...claim, lastMessageId: questionId }));
  const prompts = await planPrompts(deps, paths);
  return new Map(claims.map(({ id }, n) => [id, prompts[n]!]));
}

export interface AskedPath {
  /** Its last message; null for no messages. */
  readonly lastMessageId: number | null;
  readonly userId: number;
  readonly roomId: number;
  readonly model: string;
}

/** What the path down to a message makes of a prompt. */
export async function planPrompts(
  { db, models }: PromptDeps,
  paths: readonly AskedPath[],
): Promise<readonly PlannedPrompt[]> {
  const budgets = paths.map(({ model }) => models.of(model).contextTokens);
  const userIds = paths.map(({ userId }) => userId);
  const lastMessages = paths.map(({ lastMessageId }) => lastMessageId);
  const [known, askedRooms, stored] = await Promise.all([
    readInstructionsAndMemories(db, userIds),
    readAskedRooms(db, paths),
    readPaths(db, lastMessages, budgets),
  ]);
  const knownBy = new Map(known.map((row) => [row.userId, row]));
  return paths.map(({ userId, roomId }, n) => {
    const { instructions: roomInstructions = null, isUnnamed = false } = askedRooms.get(roomId) ?? {};
    const prompt = planPrompt({ ...(knownBy.get(userId) ?? nothingKnown), roomInstructions }, stored[n]!, budgets[n]!);
    return { ...prompt, roomIsUnnamed: isUnnamed };
  });
}

const nothingKnown = { instructions: null, memories: [] };

function planPrompt(
  known: Omit<Known, 'summary'>,
  path: StoredPath,
  budgetTokens: number,
): Omit<PlannedPrompt, 'roomIsUnnamed'> {
  const { factor, considered } = path;
  const budget = Math.floor(budgetTokens / factor);
  const summary = path.summary?.text ?? null;
  const system = systemInstruction({ ...known, summary }, Math.floor(budget * systemShare));
  const turnBudget = budget - system.tokens;
  const turns = newestThatFit(path.turns, turnBudget);
  return {
    system,
    summaryUpTo: system.summary === null ? null : (path.summary?.upToMessageId ?? null),
    sinceSummary: { ...considered, budget: turnBudget },
    turns,
    factor,
    estimate: system.tokens + turns.reduce((sum, { tokens }) => sum + tokens, 0),
    prompt: {
      instructions: system.text,
      turns: turns.map((turn) => textTurn(turn.isFromUser ? 'user' : 'model', textOfTurn(turn))),
    },
  };
}

/** The names of its files stand before its text. */
function textOfTurn({ content, attachments }: StoredTurn): string {
  const names = (attachments ?? []).map(({ name }) => `[Attached file: ${name}]\n`);
  return `${names.join('')}${content}`;
}

/** Before a question that comes last, and that is always sent, what fits; never beginning with an answer. */
function newestThatFit(turns: readonly StoredTurn[], tokens: number): readonly StoredTurn[] {
  let left = tokens;
  let first = turns.length;
  while (first > 0) {
    const turn = turns[first - 1]!;
    left -= turn.tokens;
    if (left < 0 && !(first === turns.length && turn.isFromUser)) break;
    first -= 1;
  }
  const kept = turns.slice(first);
  return kept[0]?.isFromUser === false ? kept.slice(1) : kept;
}
