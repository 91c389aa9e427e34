/** The doorbell inside this process. */
import type { Logger } from 'pino';
import type { Queue, Topic } from '../ports/queue.ts';

const maxWaiting = 50_000;

interface Listener {
  readonly limit: number;
  readonly onRing: (id: number) => Promise<void>;
  readonly running: Set<Promise<void>>;
}

interface Bell {
  waiting: number[];
  /** The one that rang longest ago first. */
  listeners: Listener[];
}

/** Rings within this process. What waits when it ends is lost; past a bound the oldest rings are dropped. */
export function memoryQueue(log: Logger): Queue {
  const bells = new Map<Topic, Bell>();

  function bellOf(topic: Topic): Bell {
    const bell = bells.get(topic) ?? { waiting: [], listeners: [] };
    bells.set(topic, bell);
    return bell;
  }

  function handOut(topic: Topic, bell: Bell): void {
    let taken = 0;
    while (taken < bell.waiting.length) {
      const listener = bell.listeners.find(({ running, limit }) => running.size < limit);
      if (!listener) break;
      bell.listeners = [...bell.listeners.filter((other) => other !== listener), listener];
      start(topic, bell, listener, bell.waiting[taken]!);
      taken += 1;
    }
    bell.waiting.splice(0, taken);
  }

  function start(topic: Topic, bell: Bell, listener: Listener, id: number): void {
    const call = run(topic, listener, id).finally(() => {
      listener.running.delete(call);
      setImmediate(handOut, topic, bell);
    });
    listener.running.add(call);
  }

  async function run(topic: Topic, { onRing }: Listener, id: number): Promise<void> {
    try {
      await onRing(id);
    } catch (error) {
      log.error({ err: error, topic, id }, 'answering a ring failed');
    }
  }

  return {
    ring(topic, id) {
      const bell = bellOf(topic);
      if (bell.waiting.length === 0) setImmediate(handOut, topic, bell);
      if (bell.waiting.push(id) > maxWaiting) bell.waiting.splice(0, maxWaiting / 10);
    },
    async listen(topic, limit, onRing) {
      const bell = bellOf(topic);
      const listener: Listener = { limit, onRing, running: new Set() };
      bell.listeners.push(listener);
      setImmediate(handOut, topic, bell);
      return {
        async [Symbol.asyncDispose]() {
          bell.listeners = bell.listeners.filter((other) => other !== listener);
          await Promise.all(listener.running);
        },
      };
    },
    async check() {},
    async [Symbol.asyncDispose]() {
      const running = [...bells.values()].flatMap(({ listeners }) => listeners.flatMap((one) => [...one.running]));
      for (const bell of bells.values()) {
        bell.waiting = [];
        bell.listeners = [];
      }
      bells.clear();
      await Promise.all(running);
    },
  };
}
