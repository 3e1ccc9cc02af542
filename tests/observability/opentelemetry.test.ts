import { context, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api'
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks'
import {
  BasicTracerProvider,
  InMemorySpanExporter,
  type ReadableSpan,
  SimpleSpanProcessor,
} from '@opentelemetry/sdk-trace-base'
import { createClient } from '@typewire/client'
import { openTelemetry as clientTelemetry } from '@typewire/client/opentelemetry'
import { TypewireError } from '@typewire/core'
import type { TraceContext } from '@typewire/core'
import { frames } from '@typewire/core/internal'
import { createServer, type ServerMiddleware } from '@typewire/server'
import { openTelemetry as serverTelemetry, openTelemetryHooks } from '@typewire/server/opentelemetry'
import type { RawPeer } from '@typewire/testkit'
import { afterAll, beforeAll, beforeEach, describe, expect, onTestFinished, test } from 'vitest'
import { startShop } from '../middleware/stage.ts'
import { startByHand } from '../repetitions/stage.ts'
import { clientOf, stage } from '../streams/stage.ts'
import { type Lab, lab } from '../support/contract.ts'
import { eventually, settled } from '../support/eventually.ts'
import { serve } from '../support/serve.ts'
import { failOnUnhandledRejections } from '../support/unhandled.ts'

failOnUnhandledRejections()

const exporter = new InMemorySpanExporter()
const provider = new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] })
const tracer = provider.getTracer('test')
beforeAll(() => {
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable())
  trace.setGlobalTracerProvider(provider)
})
afterAll(async () => {
  context.disable()
  trace.disable()
  await provider.shutdown()
})
beforeEach(() => exporter.reset())

const unused = {
  carry: () => undefined,
  work: () => ({ doubled: 0 }),
  lines: () => 0,
  brief: () => {},
}
const traced = () => ({ trace: clientTelemetry() })
const use = [serverTelemetry()]

/** The spans that have ended, once there are so many. */
async function spans(count: number): Promise<readonly ReadableSpan[]> {
  await eventually(() => exporter.getFinishedSpans().length >= count, `${count} spans have ended`)
  return exporter.getFinishedSpans()
}
const of = (kind: SpanKind) => (span: ReadableSpan) => span.kind === kind
const parentOf = ({ parentSpanContext }: ReadableSpan) => parentSpanContext?.spanId
const idOf = (span: ReadableSpan) => span.spanContext().spanId

describe('TC-1: one trace', () => {
  test('leads from what is active at the client through the call to what the handler does', async () => {
    const { connect } = await startShop({ use }, () => ({
      procedures: {
        echo: async ({ input }) => {
          await Promise.resolve()
          tracer.startSpan('query').end()
          return input
        },
      },
    }))
    const client = connect(traced())
    const click = tracer.startSpan('click')
    await context.with(trace.setSpan(context.active(), click), () => client.call.echo('x'))
    click.end()
    const [query, server, atClient, root] = (await spans(4)) as [ReadableSpan, ReadableSpan, ReadableSpan, ReadableSpan]
    expect([query.name, server.name, atClient.name, root.name]).toEqual(['query', 'echo', 'echo', 'click'])
    expect([server.kind, atClient.kind]).toEqual([SpanKind.SERVER, SpanKind.CLIENT])
    expect([query, server, atClient].map(parentOf)).toEqual([server, atClient, root].map(idOf))
    expect(new Set([query, server, atClient, root].map((span) => span.spanContext().traceId)).size).toBe(1)
    const attributes = { 'rpc.system': 'typewire', 'rpc.method': 'echo' }
    expect(atClient.attributes).toEqual({ ...attributes, 'typewire.kind': 'call' })
    expect(server.attributes).toEqual({ ...attributes, 'typewire.kind': 'call', 'session.id': expect.any(String) })
    expect([server.status.code, atClient.status.code]).toEqual([SpanStatusCode.UNSET, SpanStatusCode.UNSET])
  })

  test('is of calls, events, with and without an ack, and joins, in rooms and in namespaces', async () => {
    const { connect } = await startShop({ use })
    const client = connect(traced())
    await client.emitWithAck.note('x')
    client.emit.hint('x')
    const chat = client.join.chat({ id: '1' })
    await chat.ready
    await chat.emitWithAck.say('x')
    chat.emit.say('x')
    await client.ns.admin.call.ban('x')
    client.ns.admin.emit.note('x')
    const all = await spans(14)
    const names = ['note', 'hint', 'chat', 'chat.say', 'chat.say', 'admin/ban', 'admin/note'].sort()
    const atServer = all.filter(of(SpanKind.SERVER))
    const atClient = all.filter(of(SpanKind.CLIENT))
    expect(atServer.map(({ name }) => name).sort()).toEqual(names)
    expect(atClient.map(({ name }) => name).sort()).toEqual(names)
    expect(new Set(atServer.map(parentOf))).toEqual(new Set(atClient.map(idOf)))
    expect(atServer.find(({ name }) => name === 'admin/ban')?.attributes).toMatchObject({
      'rpc.service': 'admin',
      'rpc.method': 'ban',
    })
  })

  test('of a call of a namespace leads to where it was asked, not to what opened that', async () => {
    const { connect } = await startShop({ use })
    const client = connect(traced())
    const [one, two] = [tracer.startSpan('one'), tracer.startSpan('two')]
    const ask = (of: typeof one) =>
      context.with(trace.setSpan(context.active(), of), () => client.ns.admin.call.ban('x'))
    await Promise.all([ask(one), ask(two)])
    const asked = (await spans(4)).filter(of(SpanKind.CLIENT))
    expect(asked.map(parentOf)).toEqual([one.spanContext().spanId, two.spanContext().spanId])
  })

  test('has one span of a call, however often it is offered', async () => {
    const { raw, client, next } = await startByHand(traced())
    const answer = client.ns.lab.call.put('x')
    const open = async (peer: RawPeer) => peer.send([18, (await peer.readKind(17))[1], {}])
    const peer = await raw.welcome()
    await open(peer)
    const [, , , first] = await peer.read()
    peer.cut()
    const second = await next()
    await open(second)
    const [, id, , again] = await second.read()
    second.send([18, id, 'stored'])
    expect(await answer).toBe('stored')
    expect((again as { trace: unknown }).trace).toEqual((first as { trace: unknown }).trace)
    expect((await spans(1)).map(({ name, status }) => [name, status.code])).toEqual([['lab/put', SpanStatusCode.UNSET]])
  })

  test('begins at the server, where the client does not trace', async () => {
    const { connect } = await startShop({ use })
    await connect().call.echo('x')
    const [span] = await spans(1)
    expect(parentOf(span!)).toBeUndefined()
  })

  test('is not sent where nothing traces', async () => {
    const seen: unknown[] = []
    const { connect } = await startShop({ use: [({ trace: sent, next }) => (seen.push(sent), next())] })
    const nothing = { startSpan: () => trace.wrapSpanContext({ traceId: '', spanId: '', traceFlags: 0 }) } as never
    const client = connect({ trace: clientTelemetry({ tracer: nothing }) })
    await client.call.echo('x')
    await client.emitWithAck.note('x')
    expect(seen).toEqual([undefined, undefined])
  })
})

describe('what goes wrong', () => {
  test('is the server’s fault, unless it was made to be told', async () => {
    const { connect } = await startShop({ use }, () => ({
      procedures: {
        echo: ({ input }) => {
          throw input === 'told' ? new TypewireError('FORBIDDEN', 'no') : new Error('xyzzy')
        },
      },
    }))
    const client = connect(traced())
    await client.try.echo('told')
    await client.try.echo('not')
    const all = await spans(4)
    expect(
      all.map(({ kind, status, attributes, events }) => [kind, status.code, attributes['error.type'], events.length]),
    ).toEqual([
      [SpanKind.SERVER, SpanStatusCode.UNSET, 'FORBIDDEN', 0],
      [SpanKind.CLIENT, SpanStatusCode.ERROR, 'FORBIDDEN', 0],
      [SpanKind.SERVER, SpanStatusCode.ERROR, 'INTERNAL', 1],
      [SpanKind.CLIENT, SpanStatusCode.ERROR, 'INTERNAL', 0],
    ])
  })

  test('ends the client’s span, also where nothing was sent', async () => {
    const { connect } = await startShop()
    const client = connect(traced())
    await expect(client.call.echo((() => {}) as never)).rejects.toMatchObject({ code: 'INVALID_INPUT' })
    const [span] = await spans(1)
    expect(span!.attributes['error.type']).toBe('INVALID_INPUT')
  })
})

describe('a join', () => {
  test('has a span at both ends, and says whether it was let in', async () => {
    const { connect } = await startShop({ use }, () => ({
      rooms: { chat: { authorize: ({ params }) => params.id === '1' } },
    }))
    const client = connect(traced())
    const click = tracer.startSpan('click')
    const ready = context.with(trace.setSpan(context.active(), click), () => client.join.chat({ id: '1' }).ready)
    await ready
    const [server, atClient] = (await spans(2)) as [ReadableSpan, ReadableSpan]
    expect([server, atClient].map(({ name, attributes }) => [name, attributes['typewire.kind']])).toEqual([
      ['chat', 'join'],
      ['chat', 'join'],
    ])
    expect([server, atClient].map(parentOf)).toEqual([atClient, click as unknown as ReadableSpan].map(idOf))
    await expect(client.join.chat({ id: '2' }).ready).rejects.toThrow(/refused the join/)
    const refused = (await spans(4)).slice(2)
    expect(refused.map(({ attributes }) => attributes['error.type'])).toEqual(['FORBIDDEN', 'FORBIDDEN'])
    expect(refused.map(({ status }) => status.code)).toEqual([SpanStatusCode.UNSET, SpanStatusCode.ERROR])
  })
})

describe('an ack that the server asks for', () => {
  test('has a span within the handler that asks, as long as it took', async () => {
    const server = createServer(lab, { use, hooks: openTelemetryHooks() })
    const { url } = await serve(
      server.implement({
        procedures: {
          ...unused,
          echo: async ({ session }) => {
            await session.emitWithAck.ask({ text: 'x' })
            await session.emitWithAck.notice({ text: 'x' }).catch(() => {})
            return ''
          },
        },
        events: { note: () => {}, save: ({ payload }) => ({ saved: payload.n }) },
      }),
    )
    const client = createClient<Lab>({ url })
    onTestFinished(() => client.close())
    client.on.ask(() => ({ yes: true }))
    await client.call.echo('x')
    const [ask, notice, echo] = (await spans(3)) as [ReadableSpan, ReadableSpan, ReadableSpan]
    expect([ask, notice, echo].map(({ name, kind }) => [name, kind])).toEqual([
      ['ask', SpanKind.CLIENT],
      ['notice', SpanKind.CLIENT],
      ['echo', SpanKind.SERVER],
    ])
    expect([ask, notice].map(parentOf)).toEqual([idOf(echo), idOf(echo)])
    expect([ask, notice].map(({ attributes }) => attributes['error.type'])).toEqual([undefined, 'NO_HANDLER'])
    expect(ask.attributes).toMatchObject({ 'rpc.method': 'ask', 'typewire.kind': 'event' })
  })

  test('has none of each member of a room', () => {
    const facts = { name: 'hall.poll', outcome: 'OK', durationMs: 1, sessionId: 's', identity: null, transport: 'x' }
    openTelemetryHooks().onAck!({ ...facts, by: 'room' })
    expect(exporter.getFinishedSpans()).toEqual([])
    openTelemetryHooks().onAck!({ ...facts, durationMs: 1_500, by: 'session' })
    expect(exporter.getFinishedSpans().map(({ duration }) => duration)).toEqual([[1, 500_000_000]])
  })
})

describe('a stream over the network', () => {
  test('has one span at each end, in one trace, with the count of its items', async () => {
    const { url } = await stage({ server: { use } })
    const { client } = clientOf(url, traced())
    for await (const item of client.stream.count({ to: 40 })) expect(item).toBeGreaterThan(0)
    const both = await spans(2)
    const [server, atClient] = [both.find(of(SpanKind.SERVER))!, both.find(of(SpanKind.CLIENT))!]
    expect(parentOf(server)).toBe(idOf(atClient))
    for (const { name, attributes } of both) {
      expect([name, attributes['typewire.kind'], attributes['typewire.items']]).toEqual(['count', 'stream', 40])
    }
  })

  test('that is left is no failure', async () => {
    const { url } = await stage({ server: { use } })
    const { client } = clientOf(url, traced())
    for await (const item of client.stream.count({ to: 1_000 })) if (item === 2) break
    const both = await spans(2)
    expect(both.map(({ status }) => status.code)).toEqual([SpanStatusCode.UNSET, SpanStatusCode.UNSET])
    await settled(client.stream.count({ to: -1 }).next(), 'one that fails')
    const failed = (await spans(4)).filter(of(SpanKind.CLIENT))[1]!
    expect([failed.attributes['error.type'], failed.status.code]).toEqual(['TIRED', SpanStatusCode.ERROR])
  })

  test('has one span, in whatever session it goes on', async () => {
    const { raw } = await startByHand()
    const { client, clock } = clientOf(raw.url, { transports: ['websocket'], ...traced() })
    const lines = client.stream.lines()
    const first = lines.next()
    const peer = await raw.welcome()
    const [, id, , asked] = await peer.read()
    peer.send([20, id, { key: '1' }, { n: 1, text: 'a' }])
    await first
    peer.cut()
    await eventually(() => client.status.current.state === 'waiting', 'the client waits')
    await clock.advance(500)
    const second = await raw.welcome()
    const [, again, , goesOn] = await second.read()
    expect((goesOn as { trace: unknown }).trace).toEqual((asked as { trace: unknown }).trace)
    second.send([20, again, { key: '2' }, { n: 2, text: 'b' }], [18, again])
    while (!(await lines.next()).done);
    expect((await spans(1)).map(({ name, attributes }) => [name, attributes['typewire.items']])).toEqual([['lines', 2]])
  })
})

describe('a stream', () => {
  /** The middleware around a stream of these items, as the server runs it. */
  async function stream(
    items: AsyncIterable<unknown>,
    signal = new AbortController().signal,
  ): Promise<AsyncIterable<unknown>> {
    const [run] = use as [ServerMiddleware]
    const next = async () => ({ value: items })
    const args = { kind: 'stream', name: 'ticks', input: undefined, ctx: {}, session: { id: 's' }, signal, next }
    return ((await run(args as never)) as unknown as { readonly value: AsyncIterable<unknown> }).value
  }

  test('has a span from its opening to its last item, within which they are made', async () => {
    const items = await stream(
      (async function* () {
        yield trace.getActiveSpan()?.spanContext().spanId
        yield trace.getActiveSpan()?.spanContext().spanId
      })(),
    )
    expect(exporter.getFinishedSpans()).toEqual([])
    const got: unknown[] = []
    for await (const item of items) got.push(item)
    const [span] = await spans(1)
    expect(got).toEqual([idOf(span!), idOf(span!)])
  })

  test('ends its span when it is left, and when it fails', async () => {
    let isClosed = false
    const endless = async function* () {
      try {
        for (;;) yield 1
      } finally {
        isClosed = true
      }
    }
    for await (const item of await stream(endless())) if (item) break
    expect([isClosed, (await spans(1)).length]).toEqual([true, 1])
    // oxlint-disable-next-line require-yield -- it fails before its first item
    const failing = async function* () {
      throw new Error('xyzzy')
    }
    const items = (await stream(failing()))[Symbol.asyncIterator]()
    await expect(items.next()).rejects.toThrow('xyzzy')
    expect((await spans(2))[1]!.status.code).toBe(SpanStatusCode.ERROR)
  })
})

const parent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01'

test.each<[string, unknown, TraceContext | undefined]>([
  ['a parent', { traceparent: parent }, { traceparent: parent }],
  ['a parent and a state', { traceparent: parent, tracestate: 'a=1' }, { traceparent: parent, tracestate: 'a=1' }],
  [
    'a state of 512',
    { traceparent: parent, tracestate: 'x'.repeat(512) },
    { traceparent: parent, tracestate: 'x'.repeat(512) },
  ],
  ['a state of 513', { traceparent: parent, tracestate: 'x'.repeat(513) }, { traceparent: parent }],
  ['a state that is none', { traceparent: parent, tracestate: 1 }, { traceparent: parent }],
  ['a state alone', { tracestate: 'a=1' }, undefined],
  ['another form', { traceparent: 'xyzzy' }, undefined],
  ['more behind it', { traceparent: `${parent}-00` }, undefined],
  ['version ff', { traceparent: parent.replace('00', 'ff') }, undefined],
  ['no trace id', { traceparent: parent.replace(/-[0-9a-f]{32}/, `-${'0'.repeat(32)}`) }, undefined],
  ['no span id', { traceparent: parent.replace(/-[0-9a-f]{16}-/, `-${'0'.repeat(16)}-`) }, undefined],
  ['a text', parent, undefined],
  ['null', null, undefined],
])('TC-1: of what a client says, %s is taken as far as it is of the form', async (_, sent, taken) => {
  const seen: unknown[] = []
  const { connectPeer } = await startShop({ use: [({ trace: said, next }) => (seen.push(said), next())] })
  const peer = await connectPeer()
  peer.send([frames.call.kind, 1, 'echo', { trace: sent }, 'x'])
  await peer.readKind(frames.result.kind)
  peer.send([frames.event.kind, 2, 'note', { trace: sent }, 'x'])
  await peer.readKind(frames.result.kind)
  expect(seen).toEqual([taken, taken])
})
