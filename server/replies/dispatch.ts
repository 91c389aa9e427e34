/** The worker's engine: claims what is due as long as there is room, runs it, and looks after what runs. */
import { randomUUID } from 'node:crypto';
import type { Database } from '../ports/database.ts';
import type { Turn } from '../ports/model.ts';
import { planShares } from '../plans/limits.ts';
import { startDeltaClock } from './delta-clock.ts';
import { generateReply, type GenerateDeps, type ReadConversation } from './generate.ts';
import { heldText } from './held-text.ts';
import { largestPromptBytes, readPrompts } from './prompt-store.ts';
import { claimReplies, type Claim } from './claim-store.ts';
import { planTurns } from './plan-turns.ts';
import { rescueUnheld } from './rescue.ts';
import { startRun, type Run } from './run.ts';
import { checkpointReplies, readHeld } from './store.ts';

/** Conversations that one statement reads: few trips for many replies, and an answer of bounded size. */
const readTogether = 20;

const weights = Object.fromEntries(Object.entries(planShares).map(([plan, { weight }]) => [plan, weight]));

export interface DispatchOptions {
  readonly concurrency: number;
  readonly replyTimeoutMs: number;
  /** How long the outcome of a reply is tried to be written while the database is away. */
  readonly writeWindowMs: number;
}

export interface Dispatcher {
  readonly workerId: string;
  /** Replies running now. */
  readonly active: number;
  /** Claims due replies. Returns at once; calls during a claim cause one more. */
  claimDue(): void;
  /** Resolves with how many replies there is room for, when that is one at least and no claim is under way. */
  room(): Promise<number>;
  /** The same, and first takes up again what this worker lost hold of. */
  sweep(): void;
  /** Writes the text so far, and drops runs that were taken over or asked to stop. */
  lookAfter(): Promise<void>;
  /** Claims nothing more, waits for what runs, and after `graceMs` hands the rest back to the queue. */
  drain(graceMs: number): Promise<void>;
}

export function dispatchReplies(
  deps: Omit<GenerateDeps, 'workerId' | 'writeWindowMs'>,
  { concurrency, replyTimeoutMs, writeWindowMs }: DispatchOptions,
): Dispatcher {
  const workerId = randomUUID();
  const generateDeps: GenerateDeps = { ...deps, workerId, writeWindowMs };
  const clock = startDeltaClock();
  const runs = new Map<Run, Promise<unknown>>();
  const turns = planTurns(weights);
  const texts = heldText(largestPromptBytes(deps.contextTokens));
  let draining = false;
  let looking = false;
  let lookAgain = false;
  /** Resolves when the claim under way, or the next one, is done. */
  let looked = Promise.withResolvers<void>();
  let sweepDue = false;
  /** The last claim took fewer than there are places, for the sake of memory. */
  let waitsForText = false;

  function claimDue(): void {
    if (looking) {
      lookAgain = true;
      return;
    }
    looking = true;
    void claimWhatFits().finally(() => {
      looking = false;
      // A call may fall between the last claim and this line.
      if (lookAgain) return claimDue();
      looked.resolve();
      looked = Promise.withResolvers();
    });
  }

  const freePlaces = () => Math.min(concurrency - runs.size, texts.room);

  /** Whoever is full claims again as soon as a run ends, without a wake-up. */
  async function room(): Promise<number> {
    while (looking || freePlaces() <= 0) await looked.promise;
    return freePlaces();
  }

  async function claimWhatFits(): Promise<void> {
    do {
      lookAgain = false;
      if (draining) return;
      await rescueOwn();
      const limit = freePlaces();
      waitsForText = limit < concurrency - runs.size;
      if (limit <= 0) return;
      try {
        const mayTakeLastChance = !runs.keys().some(({ claim }) => claim.lastChance);
        const options = { workerId, limit, timeoutMs: replyTimeoutMs, model: deps.model.label };
        startAll(await claimReplies(deps.db, { ...options, turns, mayTakeLastChance }));
      } catch (error) {
        deps.log.warn({ err: error }, 'cannot claim replies');
        return;
      }
    } while (lookAgain);
  }

  /** Between two claims, when whatever this worker is marked to generate is known to it. */
  async function rescueOwn(): Promise<void> {
    if (!sweepDue) return;
    sweepDue = false;
    try {
      const held = [...runs.keys()].map(({ claim }) => claim.id);
      await rescueUnheld(deps, workerId, held);
    } catch (error) {
      deps.log.warn({ err: error }, 'cannot look for replies that this worker lost hold of');
    }
  }

  function startAll(claims: readonly Claim[]): void {
    for (let at = 0; at < claims.length; at += readTogether) {
      const group = claims.slice(at, at + readTogether);
      const prompts = readPrompts(deps.db, group, deps.contextTokens);
      for (const claim of group) start(claim, async ({ questionId }) => take(await prompts, questionId));
    }
  }

  function start(claim: Claim, read: ReadConversation): void {
    const run = startRun(claim, deps.feed, clock);
    const hold = texts.hold();
    const readOnce: ReadConversation = async (one) => {
      const turns = await read(one);
      hold.resize(bytesOf(turns));
      // Room was kept for the longest conversation there can be; this one is shorter.
      if (waitsForText) claimDue();
      return turns;
    };
    const done = generateReply(generateDeps, run, readOnce)
      .catch((error: unknown) => deps.log.error({ reply_id: claim.id, err: error }, 'a reply was abandoned'))
      .finally(() => {
        runs.delete(run);
        hold.resize(0);
        // A slot is free, and the room's next question may begin.
        claimDue();
      });
    runs.set(run, done);
    if (draining) run.stop('shutdown');
  }

  return {
    workerId,
    get active() {
      return runs.size;
    },
    claimDue,
    room,
    sweep() {
      sweepDue = true;
      claimDue();
    },
    lookAfter: () => lookAfterRuns(deps.db, workerId, [...runs.keys()]),
    async drain(graceMs) {
      draining = true;
      const stopRest = setTimeout(() => {
        for (const run of runs.keys()) run.stop('shutdown');
      }, graceMs);
      // A claim under way may still add runs.
      while (runs.size > 0 || looking) await tick();
      clearTimeout(stopRest);
    },
  };
}

async function lookAfterRuns(db: Database, workerId: string, runs: readonly Run[]): Promise<void> {
  if (runs.length === 0) return;
  const changed = runs.filter((run) => run.text.length > run.checkpointed);
  if (changed.length > 0) {
    const points = changed.map((run) => ({ run, id: run.claim.id, epoch: run.claim.epoch, text: run.text }));
    await checkpointReplies(db, workerId, points);
    for (const { run, text } of points) run.checkpointed = text.length;
  }
  const held = await readHeld(
    db,
    workerId,
    runs.map((run) => run.claim.id),
  );
  const byId = new Map(held.map((row) => [row.id, row]));
  for (const run of runs) {
    const row = byId.get(run.claim.id);
    if (row?.epoch !== run.claim.epoch) run.stop('lost');
    else if (row.cancelRequested) run.stop('cancelled');
  }
}

/** Removes it from the map: what is done is not kept for the others that were read with it. */
function take(prompts: Map<number, Turn[]>, questionId: number): Turn[] {
  const turns = prompts.get(questionId) ?? [];
  prompts.delete(questionId);
  return turns;
}

function bytesOf(turns: readonly Turn[]): number {
  return turns.reduce((sum, { text }) => sum + Buffer.byteLength(text), 0);
}

function tick(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 20));
}
