/** The doorbell: tells workers that there is work. The database holds the work itself. */

/** What a ring can be about; each topic has its own listeners. */
export type Topic = 'replies' | 'billing';

export interface Queue extends AsyncDisposable {
  /**
   * Rings for one row. Returns at once, never throws and never waits for the network: rings are batched, and lost
   * while the queue is away. Whoever needs certainty sweeps the database.
   */
  ring(topic: Topic, id: number): void;
  /**
   * Calls `onRing` for rings on this topic, in any process that listens, each ring in one of them. A ring may come
   * twice. The next rings of this listener wait while `limit` calls are unfinished. A rejection is logged, not retried.
   */
  listen(topic: Topic, limit: number, onRing: (id: number) => Promise<void>): Promise<AsyncDisposable>;
  /** Proves with a round trip that rings get through; rejects when they do not. */
  check(): Promise<void>;
}
