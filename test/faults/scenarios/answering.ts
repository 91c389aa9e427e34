/** Answering: workers killed at a random token, and workers frozen past their lease and resumed. */
import { signInUsers, keepAsking } from '../crowd.ts';
import { named, noteHistory, readHistory } from '../history.ts';
import { closeLedger, openLedger, unansweredOf, type Ledger } from '../ledger.ts';
import { lessThan, type Outcome, type Scenario } from '../scenario.ts';
import type { Service } from '../service.ts';
import type { Stage } from '../stage.ts';
import { anyOf, pause, randomPause } from '../waiting.ts';

const chunks = 20;
const settleMs = 90_000;
/** Longer than the lease of 9 s. */
const asleepMs = 12_000;

export const killedWorkers: Scenario = {
  name: 'answering-kill',
  promise: 'One question, one answer: workers killed at a random token',
  async run(stage, counts) {
    const kills = counts(200, 20, 2);
    const outcome = await whileAsking(stage, counts(4, 4, 2), async (workers) => {
      for (let kill = 0; kill < kills; kill++) {
        await randomPause(1000);
        const victim = anyOf(workers);
        await victim.kill('SIGKILL');
        await victim.start();
      }
    });
    return { ...outcome, faults: kills, shorter: lessThan(200, kills, 'kills') };
  },
};

export const sleepingWorkers: Scenario = {
  name: 'answering-stop',
  promise: 'A worker frozen past its lease writes nothing when it resumes',
  async run(stage, counts) {
    const stops = counts(50, 6, 1);
    const outcome = await whileAsking(stage, counts(5, 4, 2), async (workers) => {
      for (let done = 0; done < stops;) {
        // Never all workers: one has to take over.
        const asleep = workers.slice(0, Math.min(workers.length - 1, stops - done, 3));
        await randomPause(1000);
        await Promise.all(asleep.map((worker) => worker.kill('SIGSTOP')));
        await pause(asleepMs);
        await Promise.all(asleep.map((worker) => worker.kill('SIGCONT')));
        workers.push(...workers.splice(0, asleep.length));
        done += asleep.length;
        await pause(1000);
      }
    });
    return { ...outcome, faults: stops, shorter: lessThan(50, stops, 'freezes') };
  },
};

type Findings = Omit<Outcome, 'faults' | 'shorter'>;

/** Injects the faults into workers under a steady load of questions, then checks messages, replies and history. */
async function whileAsking(
  stage: Stage,
  workerCount: number,
  injure: (workers: Service[]) => Promise<void>,
): Promise<Findings> {
  const api = await stage.start('api');
  await noteHistory(stage.sql);
  const names = Array.from({ length: workerCount }, (_, index) => `worker-${index}`);
  const workers = await Promise.all(
    names.map((name) => stage.start('worker', { DATABASE_URL: named(stage.databaseUrl, name) })),
  );
  const crowd = await signInUsers(api.url, 18, 2);
  const ledger = openLedger();
  const done = new AbortController();
  const content = `Who answers this? [[chunks:${chunks}]][[delay:25]]`;
  const asking = { urls: [api.url], ledger, content, maxPauseMs: 1800, keys: 'always', signal: done.signal } as const;
  const asked = keepAsking(crowd, asking);
  await pause(1000);
  await injure(workers);
  done.abort();
  await asked;
  return compare(stage, ledger);
}

async function compare({ sql }: Stage, ledger: Ledger): Promise<Findings> {
  const found = await closeLedger(sql, ledger, settleMs);
  const wrong = await unansweredOf(sql, ledger, chunks);
  const history = await readHistory(sql);
  return {
    operations: ledger.acceptances.length,
    lost: found.lost + wrong,
    doubled: found.doubled + history.doubled,
    worstRecoverySeconds: null,
    broken: [...found.broken, ...(history.stale > 0 ? [`${history.stale} writes by a stale worker`] : [])],
    note: `${history.takeovers} attempts taken over, 0 stale writes allowed: ${history.stale} seen; ${found.givenUp} given up and refunded after three deaths`,
  };
}
