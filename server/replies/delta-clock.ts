/** When text goes out: one clock for all replies of a process, so that their deltas leave together. */

/** Text that follows text waits for the next stroke; this is how far apart strokes are. */
export const strokeMs = 80;
/** At most so many replies flush before other work gets its turn. */
const slice = 100;

export interface DeltaClock {
  /** Calls `flush` at the next stroke; once, however often it was asked for. */
  atNextStroke(flush: () => void): void;
}

/** Runs only while something waits, and keeps no process alive by itself. */
export function startDeltaClock(): DeltaClock {
  let waiting = new Set<() => void>();
  let timer: NodeJS.Timeout | null = null;

  function strike(): void {
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
    atNextStroke(flush) {
      waiting.add(flush);
      timer ??= setTimeout(strike, strokeMs).unref();
    },
  };
}
