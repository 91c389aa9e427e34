/** Sends traces to an OpenTelemetry collector over OTLP/HTTP. The exporter reads the standard OTEL_EXPORTER_OTLP_* variables. */
import { ROOT_CONTEXT, SpanKind, trace, TraceFlags, type Context } from '@opentelemetry/api';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { resourceFromAttributes } from '@opentelemetry/resources';
import { BatchSpanProcessor, TracerProvider } from '@opentelemetry/sdk-trace';
import type { Tracing } from '../../ports/tracing.ts';

const kinds = { server: SpanKind.SERVER, consumer: SpanKind.CONSUMER, client: SpanKind.CLIENT };

export function otlpTracing(service: { name: string; version: string; role: string }): Tracing {
  const provider = new TracerProvider({
    resource: resourceFromAttributes({
      'service.name': service.name,
      'service.version': service.version,
      'pollux.role': service.role,
    }),
    spanProcessors: [new BatchSpanProcessor({ exporter: new OTLPTraceExporter() })],
  });
  const tracer = provider.getTracer('pollux', service.version);
  return {
    on: true,
    start(name, kind, parent, attributes) {
      const span = tracer.startSpan(name, { kind: kinds[kind], attributes: { ...attributes } }, contextOf(parent));
      const { traceId, spanId, traceFlags } = span.spanContext();
      return {
        traceparent: `00-${traceId}-${spanId}-${traceFlags.toString(16).padStart(2, '0')}`,
        event: (moment) => void span.addEvent(moment),
        end(more) {
          if (!span.isRecording()) return;
          if (more) span.setAttributes({ ...more });
          span.end();
        },
      };
    },
    [Symbol.asyncDispose]: () => provider.shutdown(),
  };
}

/** W3C Trace Context, section 3.2: version, trace id, parent id, flags. Anything else starts a new trace. */
const traceparentShape = /^00-(?!0{32})([0-9a-f]{32})-(?!0{16})([0-9a-f]{16})-([0-9a-f]{2})$/;

function contextOf(traceparent: string | null): Context {
  const [, traceId, spanId, flags] = traceparentShape.exec(traceparent ?? '') ?? [];
  if (traceId === undefined || spanId === undefined || flags === undefined) return ROOT_CONTEXT;
  const traceFlags = Number.parseInt(flags, 16) & TraceFlags.SAMPLED;
  return trace.setSpanContext(ROOT_CONTEXT, { traceId, spanId, traceFlags, isRemote: true });
}
