/** Port: traces that follow a question from its request through the worker and the model to the last delta. */

/** A span. It may be ended more than once. */
export interface TraceSpan {
  /** W3C `traceparent` for child spans, also in other processes; null while tracing is off. */
  readonly traceparent: string | null;
  /** Adds an event to the span. */
  event(name: string): void;
  end(attributes?: Readonly<Record<string, string | number | boolean>>): void;
}

export interface Tracing extends AsyncDisposable {
  readonly on: boolean;
  /** Starts a span under `parent`, a `traceparent`; a new trace when null. */
  start(
    name: string,
    kind: 'server' | 'consumer' | 'client',
    parent: string | null,
    attributes?: Readonly<Record<string, string | number | boolean>>,
  ): TraceSpan;
}

const noSpan: TraceSpan = { traceparent: null, event() {}, end() {} };

/** Does nothing, for when tracing is off. */
export const noTracing: Tracing = { on: false, start: () => noSpan, async [Symbol.asyncDispose]() {} };
