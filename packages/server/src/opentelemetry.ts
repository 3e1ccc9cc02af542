// `@typewire/server/opentelemetry`: needs `@opentelemetry/api`, which nothing else here does.
import {
  type Attributes,
  type Context,
  context,
  createTraceState,
  ROOT_CONTEXT,
  type Span,
  SpanKind,
  SpanStatusCode,
  trace,
  type Tracer,
} from '@opentelemetry/api'
import { isTypewireError, type TraceContext } from '@typewire/core'
import { isItemSource, observedItems } from './middleware/observed-items.ts'
import type { ServerMiddleware } from './middleware/types.ts'
import type { ServerHooks } from './observability/hooks.ts'

export interface OpenTelemetryOptions {
  /** Makes the spans. Default: the global tracer of the name `@typewire/server`. */
  readonly tracer?: Tracer | undefined
}

/**
 * A span (`SERVER`) for each call, stream, event and join, around its handler and all middleware within: part of the client's
 * trace where that has sent one. What is refused before a handler runs has none, and neither has a join of a room without
 * `authorize`. `createServer(contract, { use: [openTelemetry()] })`.
 */
export function openTelemetry({
  tracer = trace.getTracer('@typewire/server'),
}: OpenTelemetryOptions = {}): ServerMiddleware {
  return async ({ kind, name, session, signal, trace: remote, next }) => {
    const parent = remote ? trace.setSpanContext(ROOT_CONTEXT, spanContextOf(remote)) : context.active()
    const attributes = { ...rpcAttributes(name), 'typewire.kind': kind, 'session.id': session.id }
    const span = tracer.startSpan(name, { kind: SpanKind.SERVER, attributes }, parent)
    const within = trace.setSpan(parent, span)
    try {
      const passed = await context.with(within, next)
      if (kind === 'join' && passed.value !== true) span.setAttribute('error.type', 'FORBIDDEN')
      const { value } = passed
      if (kind === 'stream' && isItemSource(value))
        return { ...passed, value: itemsWithin(value, { span, within, signal }) }
      span.end()
      return passed
    } catch (error) {
      fail(span, error)
      span.end()
      throw error
    }
  }
}

/**
 * Hooks that make a span (`CLIENT`) for each ack that `session.emitWithAck` asks a client for, part of what is active where it
 * asks. It is made when the ack is there, and begins when it was asked for. `createServer(contract, { hooks:
 * openTelemetryHooks() })`, beside `openTelemetry()`.
 */
export function openTelemetryHooks({
  tracer = trace.getTracer('@typewire/server'),
}: OpenTelemetryOptions = {}): ServerHooks {
  return {
    onAck({ by, name = '', outcome, durationMs, sessionId }) {
      if (by === 'room') return // one for each member would be many
      const endMs = Date.now()
      const attributes = { ...rpcAttributes(name), 'typewire.kind': 'event', 'session.id': sessionId }
      const span = tracer.startSpan(name, { kind: SpanKind.CLIENT, attributes, startTime: endMs - durationMs })
      if (outcome !== 'OK') span.setAttribute('error.type', outcome).setStatus({ code: SpanStatusCode.ERROR })
      span.end(endMs)
    },
  }
}

/** Semantic conventions of RPC: `admin/audit/list` is the method `list` of the service `admin/audit`. */
function rpcAttributes(name: string): Attributes {
  const end = name.lastIndexOf('/')
  const service = end === -1 ? {} : { 'rpc.service': name.slice(0, end) }
  return { 'rpc.system': 'typewire', 'rpc.method': name.slice(end + 1), ...service }
}

function spanContextOf({ traceparent, tracestate }: TraceContext) {
  const [, traceId = '', spanId = '', flags = ''] = traceparent.split('-')
  const traceState = tracestate === undefined ? {} : { traceState: createTraceState(tracestate) }
  return { traceId, spanId, traceFlags: Number.parseInt(flags, 16), isRemote: true, ...traceState }
}

/** An error that is made to be told is an answer; anything else is this server's fault. */
function fail(span: Span, error: unknown): void {
  if (isTypewireError(error)) return void span.setAttribute('error.type', error.code)
  span.setAttribute('error.type', 'INTERNAL')
  span.recordException(error instanceof Error ? error : String(error))
  span.setStatus({ code: SpanStatusCode.ERROR })
}

interface Around {
  readonly span: Span
  readonly within: Context
  readonly signal: AbortSignal
}

/** The items, each made within the span, which ends with the last one, or when nobody waits for more. */
function itemsWithin(
  items: Parameters<typeof observedItems>[0],
  { span, within, signal }: Around,
): AsyncIterable<unknown> {
  let count = 0
  return observedItems(items, {
    signal,
    run: (step) => context.with(within, step),
    onItem: () => count++,
    onEnd(end) {
      if ('error' in end) fail(span, end.error)
      const code = codeOf(end.abortedBy)
      if (code) span.setAttribute('error.type', code).setStatus({ code: SpanStatusCode.ERROR })
      span.setAttribute('typewire.items', count)
      span.end()
    },
  })
}

/** That its reader has left a stream is no failure; what else ends one from without is: its time, its session. */
function codeOf(reason: unknown): string | undefined {
  if (isTypewireError(reason)) return reason.code
  return (reason as Error | undefined)?.name === 'TimeoutError' ? 'TIMED_OUT' : undefined
}
