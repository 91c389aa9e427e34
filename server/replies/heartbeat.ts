/** Heartbeat of a worker; `steady` permits takeover of others. */
import type { Database } from '../ports/database.ts';
import { beatWorker, removeOtherWorkers, removeWorker } from './store.ts';

export interface Heartbeat {
  beat(): Promise<void>;
  /**
   * True after several consecutive beats on time. After a database outage the leases of all workers look expired, so a worker
   * that missed beats itself must not take over others' replies.
   */
  readonly steady: boolean;
  /** For the only process: ends the leases of all other workers. */
  removeOthers(): Promise<void>;
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
    removeOthers: () => removeOtherWorkers(db, workerId),
    leave: () => removeWorker(db, workerId),
  };
}
