/** What a question is sent with: a system instruction with a summary of older turns, and the newest that fit the budget. */
import { readAskedRooms } from '../chatrooms/store.ts';
import { readInstructionsAndMemories } from '../memories/store.ts';
import type { Models } from '../models/models.ts';
import { textTurn, type FileReading, type Prompt, type Turn } from '../ports/model.ts';
import type { Claim } from './claim-store.ts';
import { readPathFiles, type PathFile } from './file-store.ts';
import { systemInstruction, type Known, type SystemInstruction } from './instructions.ts';
import { planFiles, type FilePlanDeps, type PlannedFile } from './plan-files.ts';
import { readPaths, type StoredPath, type StoredTurn } from './prompt-store.ts';

export interface PromptDeps extends FilePlanDeps {
  readonly models: Models;
}

/** The part of a budget that instructions and memories may take. */
const systemShare = 0.5;
/** The part of what is left of it that files may take. */
const fileShare = 2 / 3;

export interface PlannedPrompt {
  readonly prompt: Prompt;
  readonly system: SystemInstruction;
  /** The last message that the summary covers; null if there is no summary. */
  readonly summaryUpTo: number | null;
  readonly turns: readonly StoredTurn[];
  /** All files of the conversation, the newest first, with what is sent of them. */
  readonly files: readonly PlannedFile[];
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
export async function planPrompts(deps: PromptDeps, paths: readonly AskedPath[]): Promise<readonly PlannedPrompt[]> {
  const { db, models } = deps;
  const budgets = paths.map(({ model }) => models.of(model).contextTokens);
  const userIds = paths.map(({ userId }) => userId);
  const lastMessages = paths.map(({ lastMessageId }) => lastMessageId);
  const [known, askedRooms, stored] = await Promise.all([
    readInstructionsAndMemories(db, userIds),
    readAskedRooms(db, paths),
    readPaths(db, lastMessages, budgets),
  ]);
  const knownBy = new Map(known.map((row) => [row.userId, row]));
  const hasFiles = paths.map(
    ({ roomId }, n) =>
      askedRooms.get(roomId)?.hasFiles === true || stored[n]!.turns.some(({ attachments }) => attachments),
  );
  const files = hasFiles.includes(true) ? await readPathFiles(db, paths) : [];
  const planned: PlannedPrompt[] = [];
  for (const [n, { userId, roomId, model }] of paths.entries()) {
    const { instructions: roomInstructions = null, isUnnamed = false } = askedRooms.get(roomId) ?? {};
    const known = { ...(knownBy.get(userId) ?? nothingKnown), roomInstructions };
    const asked = { userId, budgetTokens: budgets[n]!, reading: models.of(model).reading, files: files[n] ?? [] };
    // One after the other: the text of their files is bounded for each.
    planned.push({ ...(await planPrompt(deps, known, stored[n]!, asked)), roomIsUnnamed: isUnnamed });
  }
  return planned;
}

const nothingKnown = { instructions: null, memories: [] };

interface AskedFor {
  readonly userId: number;
  readonly budgetTokens: number;
  readonly reading: FileReading | undefined;
  readonly files: readonly PathFile[];
}

async function planPrompt(
  deps: PromptDeps,
  known: Omit<Known, 'summary' | 'hasFiles'>,
  path: StoredPath,
  { userId, budgetTokens, reading, files: pathFiles }: AskedFor,
): Promise<Omit<PlannedPrompt, 'roomIsUnnamed'>> {
  const { factor, considered } = path;
  const budget = Math.floor(budgetTokens / factor);
  const summary = path.summary?.text ?? null;
  const system = systemInstruction(
    { ...known, summary, hasFiles: pathFiles.length > 0 },
    Math.floor(budget * systemShare),
  );
  const asked = path.turns.findLast(({ isFromUser }) => isFromUser);
  const left = budget - system.tokens;
  const files = await planFiles(deps, {
    userId,
    files: pathFiles,
    question: asked?.content ?? '',
    budget: Math.floor(Math.max(0, Math.min(left * fileShare, left - (asked?.tokens ?? 0)))),
    reading,
  });
  const fileTokens = files.reduce((sum, { tokens }) => sum + tokens, 0);
  const turnBudget = left - fileTokens;
  const turns = newestThatFit(path.turns, turnBudget);
  return {
    system,
    summaryUpTo: system.summary === null ? null : (path.summary?.upToMessageId ?? null),
    sinceSummary: { ...considered, budget: turnBudget },
    turns,
    files,
    factor,
    estimate: system.tokens + fileTokens + turns.reduce((sum, { tokens }) => sum + tokens, 0),
    prompt: {
      instructions: system.text,
      turns: withFiles(turns, files),
    },
  };
}

/** Each file stands before the text of its message, or of the last question if that message is not sent. */
function withFiles(turns: readonly StoredTurn[], files: readonly PlannedFile[]): Turn[] {
  const lastQuestion = turns.findLast(({ isFromUser }) => isFromUser)?.messageId;
  const sent = new Set(turns.map(({ messageId }) => messageId));
  const byTurn = Map.groupBy(files.toReversed(), ({ file }) =>
    sent.has(file.messageId) ? file.messageId : lastQuestion,
  );
  return turns.map(({ messageId, isFromUser, content }) => {
    const role = isFromUser ? 'user' : 'model';
    const own = inOrder(byTurn.get(messageId) ?? []);
    if (own.length === 0) return textTurn(role, content);
    return { role, parts: [...own.flatMap(({ parts }) => parts), { type: 'text', text: content }] };
  });
}

/** Oldest messages first, and the files of each as they were sent. */
function inOrder(files: readonly PlannedFile[]): PlannedFile[] {
  const byMessage = Map.groupBy(files, ({ file }) => file.messageId);
  return [...byMessage.values()].flatMap((own) => own.toReversed());
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
