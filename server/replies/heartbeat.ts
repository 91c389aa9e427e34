/** How a worker shows that it lives, and knows whether it may judge that others do not. */
import type { Database } from '../ports/database.ts';
import { beatWorker, removeOtherWorkers, removeWorker } from './store.ts';

export interface Heartbeat {
  beat(): Promise<void>;
  /**
   * True after some beats in a row without a gap. After a database outage every worker looks dead for a moment; one
   * that was cut off itself must not take the replies of those that were.
   */
  readonly steady: boolean;
  /** For a process that knows it is the only one. */
  declareOthersDead(): Promise<void>;
  leave(): Promise<void>;
}

const steadyBeats = 3;

export function heartbeat(db: Database, workerId: string, intervalMs: number): Heartbeat {
  let inARow = 0;
  let lastAt = 0;
  return {
    async beat() {
      try {
        await beatWorker(db, workerId);
      } catch (error) {
        inARow = 0;
        throw error;
      }
      const now = performance.now();
      inARow = now - lastAt < intervalMs * 2 ? inARow + 1 : 1;
      lastAt = now;
    },
    get steady() {
      return inARow >= steadyBeats && performance.now() - lastAt < intervalMs * 2;
    },
    declareOthersDead: () => removeOtherWorkers(db, workerId),
    leave: () => removeWorker(db, workerId),
  };
}
