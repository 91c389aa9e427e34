/** Wake-ups in this process. */
import type { Topic, WakeUps } from '../../ports/wake-ups.ts';

const mostWaiting = 1000;

interface Waiter {
  readonly most: number;
  readonly resolve: () => void;
}

interface Pending {
  wakeUps: number;
  /** Longest waiting first. */
  readonly waiters: Set<Waiter>;
}

/** Wakes listeners of this process. Past a bound, further wake-ups are merged with those pending. */
export function memoryWakeUps(): WakeUps {
  const topics: Readonly<Record<Topic, Pending>> = {
    replies: { wakeUps: 0, waiters: new Set() },
    jobs: { wakeUps: 0, waiters: new Set() },
  };
  const closing = new AbortController();
  const stopListeners = new Set<(replyId: number) => void>();

  function handOut(pending: Pending): void {
    for (const waiter of pending.waiters) {
      if (pending.wakeUps === 0) break;
      pending.waiters.delete(waiter);
      pending.wakeUps -= Math.min(pending.wakeUps, waiter.most);
      waiter.resolve();
    }
  }

  /** Resolves when woken or stopped. */
  function wait(pending: Pending, most: number, signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const stop = () => {
        pending.waiters.delete(waiter);
        resolve();
      };
      const waiter: Waiter = {
        most,
        resolve() {
          signal.removeEventListener('abort', stop);
          resolve();
        },
      };
      signal.addEventListener('abort', stop, { once: true });
      pending.waiters.add(waiter);
      handOut(pending);
    });
  }

  return {
    wake(topic) {
      const pending = topics[topic];
      // After the caller's work.
      if (pending.wakeUps === 0) setImmediate(handOut, pending);
      pending.wakeUps = Math.min(pending.wakeUps + 1, mostWaiting);
    },
    listen(topic, room, onWakeUp) {
      const stopping = new AbortController();
      const signal = AbortSignal.any([stopping.signal, closing.signal]);
      void (async () => {
        for (;;) {
          const most = await room();
          if (!signal.aborted) await wait(topics[topic], most, signal);
          if (signal.aborted) break;
          onWakeUp();
        }
      })();
      return {
        async [Symbol.asyncDispose]() {
          stopping.abort();
        },
      };
    },
    stop(replyId) {
      setImmediate(() => {
        for (const onStop of stopListeners) onStop(replyId);
      });
    },
    listenForStops(onStop) {
      stopListeners.add(onStop);
      return {
        async [Symbol.asyncDispose]() {
          stopListeners.delete(onStop);
        },
      };
    },
    async check() {},
    async [Symbol.asyncDispose]() {
      closing.abort();
      stopListeners.clear();
    },
  };
}
