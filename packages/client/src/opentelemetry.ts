// `@typewire/client/opentelemetry`: needs `@opentelemetry/api`, which nothing else here does.
import { isSpanContextValid, SpanKind, SpanStatusCode, trace, type Tracer } from '@opentelemetry/api'
import { isTypewireError } from '@typewire/core'
import type { ClientTracer } from './types.ts'

export interface OpenTelemetryOptions {
  /** Makes the spans. Default: the global tracer of the name `@typewire/client`. */
  readonly tracer?: Tracer | undefined
}

/**
 * A span (`CLIENT`) for each call, stream, event and join, part of the one that is active where it is made, whose context goes along to
 * the server. `createClient<Chat>({ url, trace: openTelemetry() })`.
 */
export function openTelemetry({
  tracer = trace.getTracer('@typewire/client'),
}: OpenTelemetryOptions = {}): ClientTracer {
  return (name, kind) => {
    const at = name.lastIndexOf('/')
    const span = tracer.startSpan(name, {
      kind: SpanKind.CLIENT,
      attributes: {
        'rpc.system': 'typewire',
        'rpc.method': name.slice(at + 1),
        'typewire.kind': kind,
        ...(at === -1 ? {} : { 'rpc.service': name.slice(0, at) }),
      },
    })
    const spanContext = span.spanContext()
    if (!isSpanContextValid(spanContext)) return undefined // nothing traces in this process
    const { traceId, spanId, traceFlags, traceState } = spanContext
    const tracestate = traceState?.serialize()
    return {
      context: {
        traceparent: `00-${traceId}-${spanId}-${traceFlags.toString(16).padStart(2, '0')}`,
        ...(tracestate ? { tracestate } : {}),
      },
      end: (error, items) => {
        if (items !== undefined) span.setAttribute('typewire.items', items)
        if (error instanceof Error) {
          span.setAttribute('error.type', isTypewireError(error) ? error.code : error.name)
          span.setStatus({ code: SpanStatusCode.ERROR, message: error.message })
        }
        span.end()
      },
    }
  }
}
