/** The worker's engine: claims due replies while it has room, runs them and writes their checkpoints. */
import { randomUUID } from 'node:crypto';
import type { Database } from '../ports/database.ts';
import { textOf } from '../ports/model.ts';
import { startDeltaClock } from './delta-clock.ts';
import { generateReply, type GenerateDeps, type ReadPrompt } from './generate.ts';
import { heldText } from './held-text.ts';
import { readPrompts, type PlannedPrompt } from './prompt.ts';
import { largestPromptBytes } from './prompt-store.ts';
import { claimReplies, type Claim } from './claim-store.ts';
import { planTurns } from './plan-turns.ts';
import { rescueUnheld } from './rescue.ts';
import { startRun, type Run } from './reply-run.ts';
import { checkpointReplies, readHeld } from './store.ts';

/** Prompts read together: few round trips, and results of bounded size. */
const readTogether = 20;

export interface DispatchOptions {
  readonly concurrency: number;
  readonly replyTimeoutMs: number;
  /** How long writing an outcome is retried while the database is unavailable. */
  readonly writeWindowMs: number;
}

export interface Dispatcher {
  readonly workerId: string;
  /** Number of running replies. */
  readonly active: number;
  /** Starts claiming due replies; calls during a claim cause one more. */
  claimDue(): void;
  /** Waits until there is room and no claim is in progress; resolves with the number of replies that fit. */
  room(): Promise<number>;
  /** Like `claimDue`, and first requeues replies that this worker has claimed but does not run. */
  sweep(): void;
  /** Writes checkpoints, and stops runs that were taken over or cancelled. */
  checkpoint(): Promise<void>;
  /** Stops this reply at once if it runs here and was cancelled. */
  stopIfCancelled(replyId: number): void;
  /** Claims nothing more, waits for running replies, and after `graceMs` releases the rest. */
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
  const turns = planTurns(() => Object.fromEntries(deps.plans.all.map(({ id, weight }) => [id, weight])));
  const texts = heldText(() => largestPromptBytes(deps.models.mostContextTokens));
  let draining = false;
  let claiming = false;
  let claimAgain = false;
  /** Resolves when the current or next claim is done. */
  let claimed = Promise.withResolvers<void>();
  let sweepDue = false;
  /** The last claim was limited by memory, not by `concurrency`. */
  let waitsForText = false;

  function claimDue(): void {
    if (claiming) {
      claimAgain = true;
      return;
    }
    claiming = true;
    void claimWhatFits().finally(() => {
      claiming = false;
      // A call may have come between the last claim and this line.
      if (claimAgain) return claimDue();
      claimed.resolve();
      claimed = Promise.withResolvers();
    });
  }

  const freePlaces = () => Math.min(concurrency - runs.size, texts.room);

  /** A full worker needs no wake-up: it claims again when a run ends. */
  async function room(): Promise<number> {
    while (claiming || freePlaces() <= 0) await claimed.promise;
    return freePlaces();
  }

  async function claimWhatFits(): Promise<void> {
    do {
      claimAgain = false;
      if (draining) return;
      await rescueOwn();
      const limit = freePlaces();
      waitsForText = limit < concurrency - runs.size;
      if (limit <= 0) return;
      try {
        const mayTakeLastChance = !runs.keys().some(({ claim }) => claim.lastChance);
        const { plans, models } = deps;
        const options = { workerId, limit, timeoutMs: replyTimeoutMs, models: models.ids };
        startAll(await claimReplies(deps.db, { ...options, plans, turns, mayTakeLastChance }));
      } catch (error) {
        deps.log.warn({ err: error }, 'cannot claim replies');
        return;
      }
    } while (claimAgain);
  }

  /** Runs between claims, when `runs` holds every reply that this worker has claimed. */
  async function rescueOwn(): Promise<void> {
    if (!sweepDue) return;
    sweepDue = false;
    try {
      const held = [...runs.keys()].map(({ claim }) => claim.id);
      await rescueUnheld(deps, workerId, held);
    } catch (error) {
      deps.log.warn({ err: error }, 'cannot requeue replies that this worker does not run');
    }
  }

  function startAll(claims: readonly Claim[]): void {
    for (let at = 0; at < claims.length; at += readTogether) {
      const group = claims.slice(at, at + readTogether);
      const prompts = readPrompts(deps, group);
      for (const claim of group) start(claim, async ({ id }) => take(await prompts, id));
    }
  }

  function start(claim: Claim, read: ReadPrompt): void {
    const run = startRun(claim, deps.feed, clock);
    const hold = texts.hold();
    const readOnce: ReadPrompt = async (one) => {
      const planned = await read(one);
      hold.resize(bytesOf(planned));
      // Memory was reserved for the longest possible conversation; this one may be shorter.
      if (waitsForText) claimDue();
      return planned;
    };
    const done = generateReply(generateDeps, run, readOnce)
      .catch((error: unknown) => deps.log.error({ reply_id: claim.id, err: error }, 'could not settle a reply'))
      .finally(() => {
        runs.delete(run);
        hold.resize(0);
        // A slot is free, and the room's next reply may be due.
        claimDue();
      });
    runs.set(run, done);
    if (draining) run.stop('shutdown');
  }

  async function stopRuns(): Promise<void> {
    // A claim in progress would take a reply that is released meanwhile.
    while (claiming) await tick();
    for (const run of runs.keys()) run.stop('shutdown');
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
    checkpoint: () => checkpointRuns(deps.db, workerId, [...runs.keys()]),
    stopIfCancelled(replyId) {
      const run = runs.keys().find(({ claim }) => claim.id === replyId);
      if (run === undefined) return;
      // The next checkpoint checks all runs again.
      stopEnded(deps.db, workerId, [run]).catch((error: unknown) => {
        deps.log.warn({ reply_id: replyId, err: error }, 'cannot check whether a reply was cancelled');
      });
    },
    async drain(graceMs) {
      draining = true;
      const stopRest = setTimeout(() => void stopRuns(), graceMs);
      // A claim in progress may still add runs.
      while (runs.size > 0 || claiming) await tick();
      clearTimeout(stopRest);
    },
  };
}

async function checkpointRuns(db: Database, workerId: string, runs: readonly Run[]): Promise<void> {
  if (runs.length === 0) return;
  const changed = runs.filter((run) => run.text.length > run.checkpointed);
  if (changed.length > 0) {
    const points = changed.map((run) => ({
      run,
      id: run.claim.id,
      epoch: run.claim.epoch,
      text: run.text,
      estimate: run.promptEstimate,
    }));
    await checkpointReplies(db, workerId, points);
    for (const { run, text } of points) run.checkpointed = text.length;
  }
  await stopEnded(db, workerId, runs);
}

/** Stops the runs that were taken over or cancelled. */
async function stopEnded(db: Database, workerId: string, runs: readonly Run[]): Promise<void> {
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

/** Also deletes it from the map, so that its memory is free before the others of the group are done. */
function take(prompts: Map<number, PlannedPrompt>, replyId: number): PlannedPrompt {
  const prompt = prompts.get(replyId)!;
  prompts.delete(replyId);
  return prompt;
}

function bytesOf({ prompt: { instructions, turns } }: PlannedPrompt): number {
  return turns.reduce((sum, turn) => sum + Buffer.byteLength(textOf(turn)), Buffer.byteLength(instructions ?? ''));
}

function tick(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 20));
}
