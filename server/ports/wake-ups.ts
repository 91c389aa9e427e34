/** Wake-ups: notify workers of work, or of a cancelled reply. Both are stored in the database. */

/** What there may be work for; each topic has its own listeners. */
export type Topic = 'replies' | 'jobs';

export interface WakeUps extends AsyncDisposable {
  /**
   * Wakes one listener of the topic, in any process. Returns at once, never throws and never waits for the network. A
   * wake-up may be lost or come twice, and many may come as one: correctness depends on sweeps of the database.
   */
  wake(topic: Topic): void;
  /**
   * Calls `onWakeUp` for wake-ups until disposed, which stops a wait under way. A wake-up is waited for only while
   * `room` has resolved, with how many may be taken as one: who has no room leaves them to others. Neither may reject.
   */
  listen(topic: Topic, room: () => Promise<number>, onWakeUp: () => void): AsyncDisposable;
  /** Notifies all workers that this reply was cancelled. Like `wake`, it never throws nor waits, and may be lost. */
  stop(replyId: number): void;
  /** Calls `onStop`, which must not throw, for replies that shall stop, until disposed. */
  listenForStops(onStop: (replyId: number) => void): AsyncDisposable;
  /** Proves with a round trip that wake-ups get through; rejects when they do not. */
  check(): Promise<void>;
}
