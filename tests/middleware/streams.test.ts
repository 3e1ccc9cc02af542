// What a stream is made from is let go of behind middleware as without it.

import { BasicTracerProvider, InMemorySpanExporter, SimpleSpanProcessor } from '@opentelemetry/sdk-trace-base'
import type { ServerMiddleware } from '@typewire/server'
import { openTelemetry } from '@typewire/server/opentelemetry'
import { beforeEach, describe, expect, test } from 'vitest'
import { all, clientOf, stage } from '../streams/stage.ts'
import { eventually, settled } from '../support/eventually.ts'
import { failOnUnhandledRejections } from '../support/unhandled.ts'

failOnUnhandledRejections()

const exporter = new InMemorySpanExporter()
const provider = new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] })
const tracer = provider.getTracer('test')
beforeEach(() => exporter.reset())
const spans = () => exporter.getFinishedSpans()

const pass: ServerMiddleware = ({ next }) => next()
const spanned = openTelemetry({ tracer })
const uses = [
  ['no middleware', [], 0],
  ['one middleware', [pass], 0],
  ['openTelemetry()', [spanned], 1],
  ['several', [pass, spanned, pass], 1],
] as const

/** Gives these numbers, then nothing for ever. */
function hanging(...numbers: number[]) {
  const cancelled: unknown[] = []
  const source = new ReadableStream<number>(
    {
      pull(controller) {
        const next = numbers.shift()
        if (next === undefined) return new Promise(() => {})
        controller.enqueue(next)
        return undefined
      },
      cancel: (reason) => void cancelled.push(reason),
    },
    { highWaterMark: 0 },
  )
  return { source: source as unknown as AsyncIterable<number>, cancelled }
}

describe.each(uses)('behind %s', (_, use, spanCount) => {
  test('a ReadableStream is cancelled when it is left, although it is being read (ST-5)', async () => {
    const { source, cancelled } = hanging(1, 2)
    const { url, errors } = await stage({ server: { use }, streams: { count: () => source } })
    const { client } = clientOf(url)
    const items = client.stream.count({ to: 9 })
    expect([await items.next(), await items.next()].map(({ value }) => value)).toEqual([1, 2])
    await items.return!()
    await eventually(() => cancelled.length === 1, 'it is cancelled')
    expect(cancelled).toMatchObject([{ name: 'AbortError' }])
    await eventually(() => spans().length === spanCount, 'its span has ended')
    expect(errors).toEqual([])
  })

  test('a caller’s too', async () => {
    const { source, cancelled } = hanging(1)
    const { server } = await stage({ server: { use }, streams: { count: () => source } })
    const items = server.caller({ identity: null }).stream.count({ to: 9 })
    await items.next()
    await items.return!()
    await eventually(() => cancelled.length === 1 && spans().length === spanCount, 'it is cancelled')
  })

  test.each([
    ['an array', () => [1, 2, 3]],
    ['a set', () => new Set([1, 2, 3])],
    ['a generator that does not wait', () => [1, 2, 3].values()],
    ['a promise of an array', async () => [1, 2, 3]],
    ['a ReadableStream', () => new Blob(['abc']).stream().pipeThrough(counting())],
  ])('%s gives its items', async (__, make) => {
    const { url, errors } = await stage({ server: { use }, streams: { count: make as never } })
    const { client } = clientOf(url)
    expect(await all(client.stream.count({ to: 3 }))).toEqual([1, 2, 3])
    await eventually(() => spans().length === spanCount, 'its span has ended')
    expect(spans().map(({ attributes }) => attributes['typewire.items'])).toEqual(spans().map(() => 3))
    expect(errors).toEqual([])
  })

  test('what gives no items is a fault of the server', async () => {
    const { url, errors } = await stage({ server: { use }, streams: { count: () => 7 as never } })
    const { client } = clientOf(url)
    const first = await settled(client.stream.count({ to: 3 }).next(), 'the stream')
    expect(first).toMatchObject({ reason: { code: 'INTERNAL' } })
    expect(errors).toMatchObject([{ name: 'TypeError' }])
    expect(spans()).toHaveLength(spanCount)
  })

  test('a generator whose finally throws when it is left is told of, and its span ends', async () => {
    const { url, errors } = await stage({
      server: { use },
      streams: {
        async *count() {
          try {
            for (let n = 1; ; n++) yield n
          } finally {
            // oxlint-disable-next-line no-unsafe-finally -- as what it closes may throw
            throw new Error('the file is gone')
          }
        },
      },
    })
    const { client } = clientOf(url)
    const items = client.stream.count({ to: 9 })
    await items.next()
    await items.return!()
    await eventually(() => errors.length === 1 && spans().length === spanCount, 'both are told')
    expect(errors).toMatchObject([{ message: 'the file is gone' }])
  })

  test('a generator that waits for what never comes has no span any more when it is left', async () => {
    const { url } = await stage({
      server: { use },
      streams: {
        async *count() {
          yield 1
          await new Promise(() => {})
        },
      },
    })
    const { client } = clientOf(url)
    const items = client.stream.count({ to: 9 })
    await items.next()
    await items.return!()
    await eventually(() => spans().length === spanCount, 'its span has ended')
    expect(spans().map(({ attributes }) => attributes['error.type'])).toEqual(spans().map(() => undefined))
  })

  test('one whose time is over is a failure', async () => {
    const { url, clock, ended } = await stage({ server: { use } })
    const { client } = clientOf(url)
    const items = client.stream.brief()
    await items.next()
    await clock.advance(1_008)
    await expect(items.next()).rejects.toMatchObject({ code: 'TIMED_OUT' })
    await eventually(() => ended.length === 1, 'its handler ends')
    expect(spans().map(({ attributes }) => attributes['error.type'])).toEqual(spans().map(() => 'TIMED_OUT'))
    expect(spans()).toHaveLength(spanCount)
  })
})

test('a stream that is left while its middleware waits does not begin', async () => {
  let go = () => {}
  let isBegun = false
  const held: ServerMiddleware = async ({ next }) => {
    await new Promise<void>((resolve) => (go = resolve))
    return next()
  }
  const { server } = await stage({
    server: { use: [held] },
    streams: {
      async *count() {
        isBegun = true
        yield 1
      },
    },
  })
  const items = server.caller({ identity: null }).stream.count({ to: 9 })
  const first = settled(items.next(), 'the first')
  await items.return!()
  go()
  expect(await first).toMatchObject({ value: { done: true } })
  expect(isBegun).toBe(false)
})

/** Of bytes, their place in the alphabet. */
function counting() {
  return new TransformStream<Uint8Array, number>({
    transform: (bytes, controller) => bytes.forEach((byte) => controller.enqueue(byte - 96)),
  })
}
