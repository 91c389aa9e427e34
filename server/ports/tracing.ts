/** Traces: one question followed from its request through queue and model to the last delta. */

/** One piece of work. Ending it twice does no harm. */
export interface TraceSpan {
  /** W3C `traceparent` for whatever continues this work, also in another process; null while tracing is off. */
  readonly traceparent: string | null;
  /** Marks a moment within the work. */
  event(name: string): void;
  end(attributes?: Readonly<Record<string, string | number | boolean>>): void;
}

export interface Tracing extends AsyncDisposable {
  readonly on: boolean;
  /** Begins a piece of work under `parent`, a `traceparent` of ours or a caller's; a new trace when null. */
  start(
    name: string,
    kind: 'server' | 'consumer' | 'client',
    parent: string | null,
    attributes?: Readonly<Record<string, string | number | boolean>>,
  ): TraceSpan;
}

const noSpan: TraceSpan = { traceparent: null, event() {}, end() {} };

/** Tracing that costs nothing, for when nobody collects. */
export const noTracing: Tracing = { on: false, start: () => noSpan, async [Symbol.asyncDispose]() {} };
