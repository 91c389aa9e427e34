/** One clock for the deltas of all replies in a process, so that they are published together. */

/** Text that closely follows other text is published at the next tick. */
export const tickMs = 80;
/** Replies flushed before other work in the event loop runs. */
const slice = 100;

export interface DeltaClock {
  /** Calls `flush` at the next tick, once for any number of calls. */
  atNextTick(flush: () => void): void;
}

/** Runs only while a flush is pending, and does not keep the process alive. */
export function startDeltaClock(): DeltaClock {
  let waiting = new Set<() => void>();
  let timer: NodeJS.Timeout | null = null;

  function tick(): void {
    const due = [...waiting];
    waiting = new Set();
    timer = null;
    flushFrom(due, 0);
  }

  function flushFrom(due: readonly (() => void)[], start: number): void {
    for (const flush of due.slice(start, start + slice)) flush();
    if (start + slice < due.length) setImmediate(flushFrom, due, start + slice);
  }

  return {
    atNextTick(flush) {
      waiting.add(flush);
      timer ??= setTimeout(tick, tickMs).unref();
    },
  };
}
