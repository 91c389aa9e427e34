/** The browser's own tracing of a page: what its main thread did, frame by frame. */
import type { CDPSession } from 'playwright-core';

export interface TraceEvent {
  readonly name: string;
  readonly cat: string;
  readonly ph: string;
  readonly pid: number;
  readonly tid: number;
  /** Microseconds. */
  readonly ts: number;
  readonly dur?: number;
  /** CPU time of it. */
  readonly tdur?: number;
  readonly args: {
    readonly name?: string;
    readonly data?: { readonly frames?: readonly { readonly url: string; readonly processId: number }[] };
  };
}

const categories = [
  '-*',
  'devtools.timeline',
  'disabled-by-default-devtools.timeline',
  'disabled-by-default-devtools.timeline.frame',
  'blink.user_timing',
  'loading',
];
const profileCategories = ['disabled-by-default-v8.cpu_profiler', 'v8.execute', 'v8'];

/** Starts tracing the page; the returned function stops it and returns the events in order of time. */
export async function startTrace(session: CDPSession, { profile = false } = {}): Promise<() => Promise<TraceEvent[]>> {
  const events: TraceEvent[] = [];
  const collect = ({ value }: { value: object[] }) => void events.push(...(value as TraceEvent[]));
  session.on('Tracing.dataCollected', collect);
  const includedCategories = profile ? [...categories, ...profileCategories] : categories;
  await session.send('Tracing.start', {
    transferMode: 'ReportEvents',
    traceConfig: { recordMode: 'recordAsMuchAsPossible', includedCategories },
  });
  return async () => {
    const complete = new Promise((resolve) => session.once('Tracing.tracingComplete', resolve));
    await session.send('Tracing.end');
    await complete;
    session.off('Tracing.dataCollected', collect);
    return events.toSorted((a, b) => a.ts - b.ts);
  };
}

export interface MainThread {
  readonly pid: number;
  readonly tid: number;
}

/** The main thread of the process that draws the page at `url`. */
export function mainThreadOf(events: readonly TraceEvent[], url: string): MainThread {
  const started = events.find(({ name }) => name === 'TracingStartedInBrowser');
  const pid = started?.args.data?.frames?.find((frame) => frame.url.startsWith(url))?.processId;
  const named = events.find(
    (event) => event.pid === pid && event.name === 'thread_name' && event.args.name === 'CrRendererMain',
  );
  if (pid === undefined || named === undefined) throw new Error('the trace does not name the main thread of the page');
  return { pid, tid: named.tid };
}

export interface Work {
  /** Milliseconds the main thread was busy for each frame it made. */
  readonly frameMs: readonly number[];
  /** Milliseconds of every task. */
  readonly taskMs: readonly number[];
  /** CPU time of each frame. */
  readonly frameCpuMs: readonly number[];
  /** CPU time in total. */
  readonly cpuSeconds: number;
}

/**
 * A frame's time is the main thread's work from the end of the previous frame's commit to the end of its own: reading
 * from the network, rendering in React, styles, layout and paint.
 */
export function workOf(events: readonly TraceEvent[], { pid, tid }: MainThread): Work {
  const own = events.filter((event) => event.pid === pid && event.tid === tid && event.ph === 'X');
  const tasks = own.filter(({ name }) => name === 'RunTask');
  const commits = own.filter(({ name }) => name === 'Commit').map(({ ts, dur = 0 }) => ts + dur);
  const frameMs: number[] = [];
  let busy = 0;
  let cpu = 0;
  const frameCpuMs: number[] = [];
  let next = 0;
  for (const { ts, dur = 0, tdur = 0 } of tasks) {
    cpu += tdur;
    const commit = commits[next];
    if (commit !== undefined && commit <= ts + dur) {
      frameMs.push((busy + commit - ts) / 1000);
      busy = ts + dur - commit;
      next += 1;
      frameCpuMs.push(cpu / 1000);
      cpu = 0;
    } else busy += dur;
  }
  const cpuSeconds = tasks.reduce((sum, { tdur = 0 }) => sum + tdur, 0) / 1e6;
  return { frameMs, frameCpuMs, cpuSeconds, taskMs: tasks.map(({ dur = 0 }) => dur / 1000) };
}
